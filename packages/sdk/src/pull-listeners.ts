import { countFault, type Exporter, type PullHost, type PullMetrics } from '@hashira/core'
import { pullsOf } from './exporter-metrics'

/** For `open` and `close` of an exporter each: what takes longer is left behind. */
const PATIENCE_MS = 1_000

/** The exporters that are fetched from. One that throws, rejects or never settles is counted and spoils nothing. */
export class PullListeners {
  readonly exporters: readonly Exporter[]
  readonly #pulls: readonly PullMetrics[]
  readonly #host: PullHost
  #opened: Promise<readonly string[]> | undefined

  constructor(exporters: readonly Exporter[], host: PullHost) {
    this.exporters = exporters
    this.#pulls = exporters.flatMap(pullsOf)
    this.#host = host
  }

  /** Opens all, once. Resolves to the URLs, at the latest when patience ends. Never rejects. */
  open(): Promise<readonly string[]> {
    this.#opened ??= Promise.all(
      this.#pulls.map((pull) => settled(() => pull.open(this.#host), 'exporter_open')),
    ).then((urls) => urls.filter((url) => typeof url === 'string'))
    return this.#opened
  }

  /** Closes what was opened, also what is still opening. Never rejects. */
  async close(): Promise<void> {
    if (this.#opened === undefined) return
    await this.#opened
    await Promise.all(this.#pulls.map((pull) => settled(() => pull.close(), 'exporter_close')))
  }
}

/** What `call` resolves to; `undefined` when it throws, rejects or takes too long. */
function settled<T>(call: () => Promise<T>, fault: string): Promise<T | undefined> {
  return new Promise((resolve) => {
    const fail = () => {
      countFault(fault)
      resolve(undefined)
    }
    const timer = setTimeout(fail, PATIENCE_MS)
    const called = new Promise<T>((done) => done(call()))
    called.then(resolve, fail).finally(() => clearTimeout(timer))
  })
}

import { rootContext, runInContext } from '@hashira/core'

/** A call whose response has begun and whose body is not complete. */
export interface OpenBody {
  /** Bytes received on its connection so far; `undefined` when that can't be told. */
  readonly bytesRead: number | undefined
  /** Ends the call as of when its response began. */
  settle(): void
}

const QUIET_MS = 10_000
const MAX_ROUNDS = 60

interface Watch {
  bytesRead: number | undefined
  rounds: number
}

/**
 * Ends the calls whose bodies nobody reads.
 *
 * A call lasts until its body is complete, so that it covers what its server did and a download that breaks is an error. But
 * a body may stay unread (a status was enough; `fetch` without reading publishes no end at all) or never end (server-sent
 * events). When nothing has moved on the connection for a round of 10 s, or after ten minutes, the call ends as of its
 * response headers, which OpenTelemetry allows ("HTTP client span duration"). One timer for all of them; none while no body
 * is open, and it keeps no process alive.
 */
export class OpenBodies {
  readonly #watched = new Map<OpenBody, Watch>()
  #timer: NodeJS.Timeout | undefined

  get size(): number {
    return this.#watched.size
  }

  add(body: OpenBody): void {
    this.#watched.set(body, { bytesRead: undefined, rounds: 0 })
    // A timer keeps the context that it was made in.
    this.#timer ??= runInContext(rootContext, () => setInterval(() => this.sweep(), QUIET_MS).unref())
  }

  delete(body: OpenBody): void {
    if (this.#watched.delete(body) && this.#watched.size === 0) this.#stop()
  }

  /** One round. */
  sweep(): void {
    for (const [body, watch] of this.#watched) {
      const { bytesRead } = body
      const isQuiet = watch.rounds > 0 && bytesRead === watch.bytesRead
      if (isQuiet || watch.rounds >= MAX_ROUNDS) body.settle()
      watch.bytesRead = bytesRead
      watch.rounds++
    }
  }

  settleAll(): void {
    for (const body of this.#watched.keys()) body.settle()
    this.#stop()
  }

  #stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}

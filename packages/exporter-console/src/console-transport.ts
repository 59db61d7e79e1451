import type { Writable } from 'node:stream'
import { type Batch, countFault, type SendResult, type Transport } from '@hashira/core'
import { decodeSpans } from './console-span-encoder'
import { HeldTraces } from './held-traces'
import { formatMs, renderTraceTree } from './render-trace-tree'
import type { ShownAttributes } from './span-details'
import type { EndedSpan } from './trace-span'

export interface ConsoleTransportOptions {
  readonly stream: Writable
  /** For people: `stdout`. */
  readonly destination: string
  readonly color: boolean
  readonly attributes: ShownAttributes
  /** How long spans wait for their root before they are shown without it. */
  readonly patienceMs: number
  readonly maxHeldSpans: number
}

/** Prints each trace when its local root is here. A span counts as delivered when it is printed or held for its root. */
export class ConsoleTransport implements Transport {
  readonly destination: string
  readonly #options: ConsoleTransportOptions
  readonly #held: HeldTraces
  readonly #printHeld = () => this.#print(this.#held.all())
  #timer: NodeJS.Timeout | undefined

  constructor(options: ConsoleTransportOptions) {
    const { destination, patienceMs, maxHeldSpans } = options
    this.destination = destination
    this.#options = options
    this.#held = new HeldTraces({ patienceMs, maxSpans: maxHeldSpans })
  }

  async send(batch: Batch): Promise<SendResult> {
    try {
      const trees = this.#held.add(decodeSpans(batch.bytes), performance.now())
      this.#watchHeld()
      return await this.#write(this.#render(trees))
    } catch (error) {
      return { outcome: 'drop', reason: 'console_error', message: String(error) }
    }
  }

  /** At exit: what a stream of the process is given then still gets out. */
  sendSync(batch: Batch): boolean {
    this.#options.stream.write(this.#render(this.#held.add(decodeSpans(batch.bytes), performance.now())))
    this.#printHeld()
    return true
  }

  /** Prints what still waits for its root. */
  close(): void {
    this.#printHeld()
    this.#watchHeld()
  }

  // The process may end while spans wait: then they are shown as they are. Nothing of this keeps it alive.
  #watchHeld(): void {
    const waits = this.#held.spanCount > 0
    if (waits === (this.#timer !== undefined)) return
    if (waits) {
      this.#timer = setInterval(() => this.#printExpired(), this.#options.patienceMs / 2).unref()
      process.once('exit', this.#printHeld)
    } else {
      clearInterval(this.#timer)
      this.#timer = undefined
      process.removeListener('exit', this.#printHeld)
    }
  }

  #printExpired(): void {
    this.#print(this.#held.expired(performance.now()))
    this.#watchHeld()
  }

  #print(trees: readonly EndedSpan[][]): void {
    this.#write(this.#render(trees)).catch(() => countFault('console_write'))
  }

  #render(trees: readonly EndedSpan[][]): string {
    const { color, attributes } = this.#options
    return trees
      .map((spans) => `${renderTraceTree(spans, { title: titleOf(spans), color, attributes })}\n`)
      .join('')
  }

  #write(text: string): Promise<SendResult> {
    if (text === '') return Promise.resolve({ outcome: 'delivered' })
    return new Promise((resolve, reject) => {
      this.#options.stream.write(text, (error) => {
        if (error) reject(error)
        else resolve({ outcome: 'delivered' })
      })
    })
  }
}

function titleOf(spans: readonly EndedSpan[]): string {
  const [first] = spans
  const startMs = Math.min(...spans.map((span) => span.startMs))
  const endMs = Math.max(...spans.map((span) => span.startMs + span.durationMs))
  const count = spans.length === 1 ? '1 span' : `${spans.length} spans`
  const root = spans.some(({ isLocalRoot }) => isLocalRoot) ? '' : ' · its root has not ended'
  const service = first?.service === undefined ? '' : `${first.service} · `
  return `${service}trace ${first?.traceId} · ${count} · ${formatMs(endMs - startMs)}${root}`
}

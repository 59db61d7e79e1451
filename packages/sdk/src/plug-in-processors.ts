import { countFault } from '@hashira/core'
import type { SpanProcessor } from '@hashira/tracing'

/** OpenTelemetry's span processors that the app plugs in: flushed and shut down with Hashira, within its deadline. */
export class PlugInProcessors {
  readonly processors: readonly SpanProcessor[]

  constructor(processors: readonly SpanProcessor[]) {
    this.processors = processors
  }

  /** Resolves to whether all were flushed by the deadline (Unix ms). Never rejects. */
  flush(deadlineUnixMs: number): Promise<boolean> {
    return this.#each((processor) => processor.forceFlush(), deadlineUnixMs)
  }

  async shutdown(deadlineUnixMs: number): Promise<void> {
    await this.#each((processor) => processor.shutdown(), deadlineUnixMs)
  }

  async #each(call: (processor: SpanProcessor) => Promise<void>, deadlineUnixMs: number): Promise<boolean> {
    if (this.processors.length === 0) return true
    const settled = await Promise.all(this.processors.map((one) => within(() => call(one), deadlineUnixMs)))
    return settled.every(Boolean)
  }
}

/** Whether `call` was done by the deadline. One that throws, rejects or takes longer is counted as `span_processor`. */
function within(call: () => Promise<void>, deadlineUnixMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const fail = () => {
      countFault('span_processor')
      resolve(false)
    }
    const timer = setTimeout(fail, Math.max(deadlineUnixMs - Date.now(), 0))
    new Promise<void>((done) => done(call()))
      .then(() => resolve(true), fail)
      .finally(() => clearTimeout(timer))
  })
}

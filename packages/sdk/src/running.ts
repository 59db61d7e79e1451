import { faultCounts, liveHooks, type ServiceIdentity, say } from '@hashira/core'
import { settleTail, spanCounts } from '@hashira/tracing'
import type { Flushable } from './exit-handlers'
import type { Hashira, Status } from './hashira'
import { items } from './items'
import type { Telemetry } from './telemetry'

/** What {@link RunningHashira} looks after. */
export interface RunningParts {
  readonly service: ServiceIdentity
  readonly state: 'running' | 'off'
  readonly telemetry: Telemetry
  readonly timeoutMs: number
  /** Undo what `start()` did, in this order, before the last spans are sent. */
  readonly stops: (() => void)[]
  /** Once everything is sent. */
  readonly onStopped: () => void
}

/** A started Hashira: the account, flush and shutdown. */
export class RunningHashira implements Hashira {
  readonly #parts: RunningParts
  readonly metricsUrls: string[] = []
  #stopping: Promise<Status> | undefined
  #stopped = false

  constructor(parts: RunningParts) {
    this.#parts = parts
  }

  addStop(stop: () => void): void {
    this.#parts.stops.push(stop)
  }

  status(): Status {
    return {
      state: this.#stopped ? 'stopped' : this.#parts.state,
      service: this.#parts.service,
      metricsUrls: this.#stopped ? [] : [...this.metricsUrls],
      spans: spanCounts(),
      exporters: this.#parts.telemetry.accounts(),
      hooks: liveHooks(),
      faults: Object.fromEntries(faultCounts()),
    }
  }

  async flush(options?: { timeoutMs?: number | undefined }): Promise<boolean> {
    return this.#parts.telemetry.flush(Date.now() + (options?.timeoutMs ?? this.#parts.timeoutMs))
  }

  shutdown(options?: { timeoutMs?: number | undefined }): Promise<Status> {
    this.#stopping ??= this.#stop(Date.now() + (options?.timeoutMs ?? this.#parts.timeoutMs))
    return this.#stopping
  }

  /** The same, as the exit handlers see it. */
  get flushable(): Flushable {
    const running = this
    return {
      get pending() {
        return running.#parts.telemetry.pending
      },
      flush: (timeoutMs) => this.flush({ timeoutMs }),
      shutdown: (timeoutMs) => this.shutdown({ timeoutMs }),
      deliverAtExit: (budgetMs) => {
        settleTail()
        return this.#parts.telemetry.deliverAtExit(budgetMs)
      },
    }
  }

  async #stop(deadlineUnixMs: number): Promise<Status> {
    for (const stop of this.#parts.stops) stop()
    const { telemetry } = this.#parts
    const droppedBefore = telemetry.dropped
    await telemetry.shutdown(deadlineUnixMs)
    const lost = telemetry.dropped - droppedBefore
    if (lost > 0) say('warn', `${items(lost)} not delivered before Hashira shut down`)
    if (telemetry.spooled > 0) say('info', `${items(telemetry.spooled)} left in the spool for the next start`)
    this.#stopped = true
    this.#parts.onStopped()
    return this.status()
  }
}

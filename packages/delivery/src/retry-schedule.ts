/** How long to wait before the next try. The defaults are OpenTelemetry JS's, with a higher ceiling as tries never end. */
export interface RetryOptions {
  /** The first pause, default 1,000. Also the least that a `Retry-After` of 0 means. */
  readonly initialMs: number
  /** Each pause is this much longer than the one before, default 1.5. */
  readonly factor: number
  /** The longest pause of our own choice, default 30,000. */
  readonly maxMs: number
  /** Pauses vary by this share either way, so that a fleet doesn't come back in step; default 0.2. */
  readonly jitter: number
  /** The longest pause that a backend may ask for, default 300,000 (5 minutes). */
  readonly maxRetryAfterMs: number
  /** Where the jitter comes from: 0 to 1, default `Math.random`. */
  readonly random: () => number
}

export const DEFAULT_RETRY: RetryOptions = {
  initialMs: 1_000,
  factor: 1.5,
  maxMs: 30_000,
  jitter: 0.2,
  maxRetryAfterMs: 300_000,
  random: Math.random,
}

export class RetrySchedule {
  readonly #options: RetryOptions
  #failures = 0

  constructor(options: Partial<RetryOptions> = {}) {
    this.#options = { ...DEFAULT_RETRY, ...options }
  }

  /** The pause after one more failure; `afterMs` is what the backend asked for. */
  nextMs(afterMs?: number): number {
    const { initialMs, factor, maxMs, jitter, random } = this.#options
    const backOffMs = Math.min(initialMs * factor ** this.#failures, maxMs)
    this.#failures = Math.min(this.#failures + 1, 100)
    return this.askedMs(afterMs) ?? backOffMs * (1 + jitter * (2 * random() - 1))
  }

  /** What the backend asked for, within bounds: never a busy loop, never for ever. */
  askedMs(afterMs: number | undefined): number | undefined {
    if (afterMs === undefined || Number.isNaN(afterMs)) return undefined
    return Math.min(Math.max(afterMs, this.#options.initialMs), this.#options.maxRetryAfterMs)
  }

  reset(): void {
    this.#failures = 0
  }
}

/** So many a second, with a reserve of one second's worth, at least one: a rate below 1 lets one through now and then. */
export class RateLimit {
  readonly #perSecond: number
  readonly #reserve: number
  #balance: number
  #atMs: number

  constructor(perSecond: number, nowMs = performance.now()) {
    this.#perSecond = perSecond
    this.#reserve = perSecond === 0 ? 0 : Math.max(perSecond, 1)
    this.#balance = this.#reserve
    this.#atMs = nowMs
  }

  /** Whether one more is allowed now; then it is taken. */
  take(nowMs = performance.now()): boolean {
    this.#balance = Math.min(this.#reserve, this.#balance + ((nowMs - this.#atMs) / 1000) * this.#perSecond)
    this.#atMs = nowMs
    if (this.#balance < 1) return false
    this.#balance--
    return true
  }
}

/** At most so many a second; what a second does not use the next one has not. */
export class RateLimiter {
  readonly #perSecond: number
  #second = 0
  #allowed = 0
  #asked = 0
  #rateBefore = 1

  /** @param perSecond below 0: no limit */
  constructor(perSecond: number) {
    this.#perSecond = perSecond
  }

  isAllowed(nowMs: number): boolean {
    const second = Math.floor(nowMs / 1e3)
    if (second !== this.#second) {
      this.#rateBefore = second - this.#second === 1 ? this.#rate() : 1
      this.#second = second
      this.#allowed = 0
      this.#asked = 0
    }
    this.#asked++
    if (this.#perSecond >= 0 && this.#allowed >= this.#perSecond) return false
    this.#allowed++
    return true
  }

  /** The share that it lets through, of this second and the one before: `_dd.limit_psr`. */
  effectiveRate(): number {
    return (this.#rate() + this.#rateBefore) / 2
  }

  #rate(): number {
    return this.#asked === 0 ? 1 : this.#allowed / this.#asked
  }
}

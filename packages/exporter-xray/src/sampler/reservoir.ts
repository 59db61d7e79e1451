/**
 * So many requests a second. Until X-Ray has assigned this process a quota, and again when that has expired, one a second is
 * borrowed from a rule that has a reservoir at all.
 */
export class Reservoir {
  readonly #size: number
  #quota = 0
  #quotaEndMs = 0
  #second = 0
  #used = 0

  /** @param size of all services together; 0 is none */
  constructor(size: number) {
    this.#size = size
  }

  assign(quota: number, endUnixMs: number): void {
    this.#quota = quota
    this.#quotaEndMs = endUnixMs
  }

  take(nowUnixMs: number): 'quota' | 'borrowed' | undefined {
    const second = Math.floor(nowUnixMs / 1_000)
    if (second !== this.#second) {
      this.#second = second
      this.#used = 0
    }
    const hasQuota = nowUnixMs < this.#quotaEndMs
    if (this.#used >= (hasQuota ? this.#quota : Math.min(this.#size, 1))) return undefined
    this.#used++
    return hasQuota ? 'quota' : 'borrowed'
  }
}

import type { LocalTrace } from './local-trace'

/**
 * The traces that wait, in the order in which they came. A list of its own: whatever leaves goes out in constant time from
 * anywhere. A `Set` keeps the places of what left at its front, and each look at its oldest walks over them: 70 µs with 100,000
 * traces (Node 20, 24).
 */
export class WaitingTraces {
  #oldest: LocalTrace | undefined
  #newest: LocalTrace | undefined
  #size = 0

  get oldest(): LocalTrace | undefined {
    return this.#oldest
  }

  get size(): number {
    return this.#size
  }

  /** Does nothing to one that waits already. */
  add(trace: LocalTrace): void {
    if (trace.older !== undefined || this.#oldest === trace) return
    trace.older = this.#newest
    if (this.#newest === undefined) this.#oldest = trace
    else this.#newest.newer = trace
    this.#newest = trace
    this.#size++
  }

  /** Does nothing to one that does not wait. It refers to no other trace afterwards. */
  delete(trace: LocalTrace): void {
    const { older, newer } = trace
    if (older === undefined && this.#oldest !== trace) return
    if (older === undefined) this.#oldest = newer
    else older.newer = newer
    if (newer === undefined) this.#newest = older
    else newer.older = older
    trace.older = undefined
    trace.newer = undefined
    this.#size--
  }
}

/** How long work that can be cut goes on before others get a turn. */
const SLICE_MS = 2

/** Work that is cut into steps: `await turns.next()` between two of them gives way once a slice is over, and costs nothing before. */
export class Turns {
  #untilMs = performance.now() + SLICE_MS

  next(): Promise<void> | undefined {
    return performance.now() < this.#untilMs ? undefined : this.#giveWay()
  }

  /** Runs a generator to its end. */
  async run<T>(steps: Generator<unknown, T, undefined>): Promise<T> {
    for (;;) {
      const step = steps.next()
      if (step.done) return step.value
      await this.next()
    }
  }

  async #giveWay(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    this.#untilMs = performance.now() + SLICE_MS
  }
}

/**
 * Resolves when the event loop has looked at its sockets once more. The refusal of what was just written is there by then, if
 * the other end is on this machine: it comes with the write, but is told by the next poll.
 */
export function afterNextPoll(): Promise<void> {
  // An immediate runs after the poll of its own turn, which may be over already; the second one is surely behind a poll.
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
}

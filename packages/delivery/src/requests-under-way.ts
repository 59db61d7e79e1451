import type { Attempt } from './attempt'
import type { QueuedBatch } from './waiting-batches'

/** The requests of one queue, oldest first. */
export class RequestsUnderWay {
  items = 0
  readonly #attempts = new Set<Attempt>()

  get size(): number {
    return this.#attempts.size
  }

  get batches(): QueuedBatch[] {
    return [...this.#attempts].map((attempt) => attempt.queued)
  }

  /** How long the oldest takes already. */
  get longestMs(): number {
    const [oldest] = this.#attempts
    return oldest === undefined ? 0 : performance.now() - oldest.startMs
  }

  add(attempt: Attempt): void {
    this.#attempts.add(attempt)
    this.items += attempt.queued.items
  }

  end(attempt: Attempt): void {
    if (this.#attempts.delete(attempt)) this.items -= attempt.queued.items
  }

  /** Stops the request with this batch, and ignores what becomes of it; whether there was one. */
  giveUp(queued: QueuedBatch): boolean {
    for (const attempt of this.#attempts) {
      if (attempt.queued !== queued) continue
      this.end(attempt)
      attempt.giveUp()
      return true
    }
    return false
  }

  /** Asks all to stop; they may still say what became of their batches. */
  abort(): void {
    for (const attempt of this.#attempts) attempt.abort()
  }
}

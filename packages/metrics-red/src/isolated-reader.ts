import type { CollectFailure } from '@hashira/core'

interface ReadResult<T> {
  readonly values: T[]
  readonly failures: CollectFailure[]
}

/**
 * Reads many metrics so that none can spoil the others: what throws, rejects or takes too long is a failure of its own.
 * A read that never ends costs its time limit once; until it ends, later reads of the same metric fail at once.
 */
export class IsolatedReader<Key extends object, T> {
  readonly #limitMs: number
  readonly #late = new WeakSet<Key>()

  /** @param limitMs for all reads together, default 5,000: Prometheus gives a scrape 10 s. */
  constructor(limitMs = 5_000) {
    this.#limitMs = limitMs
  }

  /** Never rejects. The values keep the order of `keys`. */
  async readAll(
    keys: readonly Key[],
    nameOf: (key: Key) => string,
    read: (key: Key) => T | Promise<T>,
  ): Promise<ReadResult<T>> {
    const outcomes: ({ value: T } | { error: unknown } | undefined)[] = new Array(keys.length)
    const reads = keys.map((key, index) =>
      this.#readOne(key, read).then(
        (value) => {
          outcomes[index] = { value }
        },
        (error: unknown) => {
          outcomes[index] = { error }
        },
      ),
    )
    await this.#settled(reads)
    const values: T[] = []
    const failures: CollectFailure[] = []
    for (const [index, key] of keys.entries()) {
      const outcome = outcomes[index] ?? { error: this.#giveUp(key) }
      if ('value' in outcome) values.push(outcome.value)
      else failures.push({ name: nameOf(key), error: outcome.error })
    }
    return { values, failures }
  }

  async #readOne(key: Key, read: (key: Key) => T | Promise<T>): Promise<T> {
    if (this.#late.has(key)) throw new Error('the read before this one has not ended')
    try {
      return await read(key)
    } finally {
      this.#late.delete(key)
    }
  }

  #giveUp(key: Key): Error {
    this.#late.add(key)
    return new Error(`not read within ${this.#limitMs} ms`)
  }

  #settled(reads: readonly Promise<void>[]): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#limitMs).unref()
      void Promise.all(reads).then(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }
}

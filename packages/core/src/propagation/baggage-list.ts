import type { Baggage, BaggageEntry } from '@opentelemetry/api'

/** Baggage in the order of its header. Immutable. Any key is an ordinary one (`__proto__`, `1`). */
export class BaggageList implements Baggage {
  readonly #entries: ReadonlyMap<string, BaggageEntry>

  constructor(entries: ReadonlyMap<string, BaggageEntry> = new Map()) {
    this.#entries = entries
  }

  getEntry(key: string): BaggageEntry | undefined {
    const entry = this.#entries.get(key)
    return entry === undefined ? undefined : { ...entry }
  }

  getAllEntries(): [string, BaggageEntry][] {
    return [...this.#entries]
  }

  setEntry(key: string, entry: BaggageEntry): BaggageList {
    return new BaggageList(new Map(this.#entries).set(key, entry))
  }

  removeEntry(key: string): BaggageList {
    return this.removeEntries(key)
  }

  removeEntries(...keys: string[]): BaggageList {
    const entries = new Map(this.#entries)
    for (const key of keys) entries.delete(key)
    return new BaggageList(entries)
  }

  clear(): BaggageList {
    return new BaggageList()
  }
}

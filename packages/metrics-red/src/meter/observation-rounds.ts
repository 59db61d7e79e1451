import { countFault } from '@hashira/core'
import type { BatchObservableCallback, ObservableCallback } from '@opentelemetry/api'
import { IsolatedReader } from '../isolated-reader'
import type { ObservableInstrument, Observation } from './observable-instrument'

type Callback = ObservableCallback | BatchObservableCallback

/** A callback with the instruments that it may observe. */
interface Registration {
  readonly callback: Callback
  readonly instruments: ReadonlySet<ObservableInstrument>
  readonly isBatch: boolean
}

interface Outcome {
  readonly registration: Registration
  readonly observations?: readonly Observation[]
  readonly error?: unknown
}

/** Less than the 5 s that a reader gives one metric. */
const LIMIT_MS = 4_000

/**
 * Asks all callbacks at once, each once a round: whoever reads while a round is under way joins it. A callback that throws,
 * rejects or takes more than 4 s loses its own observations, and only those; while it has not ended it is not called again.
 */
export class ObservationRounds {
  readonly #registrations = new Set<Registration>()
  readonly #reader = new IsolatedReader<Registration, Outcome>(LIMIT_MS)
  #running: Promise<void> | undefined

  add(callback: Callback, instruments: readonly ObservableInstrument[], isBatch: boolean): void {
    if (typeof callback !== 'function') {
      countFault('observable_callback')
      return
    }
    if (instruments.length === 0 || this.#find(callback, instruments, isBatch) !== undefined) return
    this.#registrations.add({ callback, instruments: new Set(instruments), isBatch })
  }

  remove(callback: Callback, instruments: readonly ObservableInstrument[], isBatch: boolean): void {
    const found = this.#find(callback, instruments, isBatch)
    if (found === undefined) return
    this.#registrations.delete(found)
    // Of one that nobody observes any more nothing stays.
    for (const instrument of found.instruments) if (!this.#isObserved(instrument)) instrument.begin(undefined)
  }

  /** Never rejects. */
  run(): Promise<void> {
    this.#running ??= this.#round().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  #find(
    callback: Callback,
    instruments: readonly ObservableInstrument[],
    isBatch: boolean,
  ): Registration | undefined {
    const wanted = new Set(instruments)
    for (const registration of this.#registrations) {
      if (registration.callback !== callback || registration.isBatch !== isBatch) continue
      if (registration.instruments.size !== wanted.size) continue
      if ([...registration.instruments].every((instrument) => wanted.has(instrument))) return registration
    }
    return undefined
  }

  #isObserved(instrument: ObservableInstrument): boolean {
    return [...this.#registrations].some(({ instruments }) => instruments.has(instrument))
  }

  async #round(): Promise<void> {
    const registrations = [...this.#registrations]
    const { values } = await this.#reader.readAll(registrations, () => 'callback', ask)
    const late = new Set(registrations)
    for (const { registration } of values) late.delete(registration)
    const error = new Error(`a callback did not end within ${LIMIT_MS} ms`)
    // What was removed meanwhile is not shown any more.
    commit(
      [...values, ...[...late].map((registration) => ({ registration, error }))].filter(({ registration }) =>
        this.#registrations.has(registration),
      ),
    )
  }
}

async function ask(registration: Registration): Promise<Outcome> {
  const { callback, isBatch, instruments } = registration
  const observations: Observation[] = []
  let isOver = false
  const observe = (instrument: ObservableInstrument, value: unknown, attributes: unknown) => {
    if (isOver || !instruments.has(instrument)) {
      countFault('observation')
      return
    }
    const accepted = instrument.accept(value)
    if (accepted !== undefined)
      observations.push({ instrument, value: accepted, attributes: copyOf(attributes) })
  }
  try {
    if (isBatch) await callback({ observe } as never)
    else {
      const [instrument] = [...instruments] as [ObservableInstrument]
      await callback({
        observe: (value: number, attributes: unknown) => observe(instrument, value, attributes),
      } as never)
    }
    return { registration, observations }
  } catch (error) {
    return { registration, error }
  } finally {
    isOver = true
  }
}

function commit(outcomes: readonly Outcome[]): void {
  const errors = new Map<ObservableInstrument, unknown>()
  for (const { registration, observations, error } of outcomes) {
    if (observations === undefined) countFault('observable_callback')
    for (const instrument of registration.instruments) {
      if (observations !== undefined) errors.set(instrument, undefined)
      else if (!errors.has(instrument)) errors.set(instrument, error ?? new Error('a callback failed'))
    }
  }
  for (const [instrument, error] of errors) instrument.begin(error)
  for (const { observations = [] } of outcomes)
    for (const observation of observations) observation.instrument.observed(observation)
}

/** The callback may go on to change its object. */
function copyOf(attributes: unknown): unknown {
  try {
    return typeof attributes === 'object' && !Array.isArray(attributes) ? { ...attributes } : attributes
  } catch {
    countFault('metric_attributes')
    return undefined
  }
}

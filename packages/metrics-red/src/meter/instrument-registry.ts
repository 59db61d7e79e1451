import { type InstrumentationScope, warnOnce } from '@hashira/core'
import { metricsState } from '../views/configure-metrics'
import type { InstrumentType } from '../views/metric-view'
import type { Stream } from '../views/stream'
import { warnConflict } from './instrument-conflict'
import { type AnyCore, InstrumentCore, type InstrumentStreams } from './instrument-core'
import { isInstrumentName } from './instrument-name'
import { readOptions } from './instrument-options'
import type { InstrumentStream } from './meter-stream'
import { StreamNames } from './stream-names'

/** Of all meters together; an app that makes up names must not fill the memory. */
const MAX_INSTRUMENTS = 10_000

/** All instruments of the process, by meter and name. */
export class InstrumentRegistry {
  readonly #cores: AnyCore[] = []
  #names = new StreamNames()

  constructor() {
    metricsState.watchers.add(() => {
      this.#names = new StreamNames()
      for (const core of this.#cores) {
        core.update()
        this.#names.add(core)
      }
    })
  }

  /** With a warning. */
  get isFull(): boolean {
    if (this.#cores.length < MAX_INSTRUMENTS) return false
    warnOnce(
      'HASHIRA_INSTRUMENT_INVALID',
      `there are ${MAX_INSTRUMENTS} OpenTelemetry instruments, the most there may be; further ones measure nothing. Put what varies into attributes, not into names`,
    )
    return true
  }

  add(core: AnyCore): void {
    this.#cores.push(core)
    this.#names.add(core)
  }
}

/** Something of an instrument that is there already. */
interface Known {
  readonly core: AnyCore
  readonly instrument: unknown
}

/**
 * The instruments of one meter. The same name (whatever its case), kind and unit give the same instrument; with another kind or
 * unit both are served, and one warning says so (OpenTelemetry metrics SDK, "Duplicate instrument registration").
 */
export class MeterInstruments {
  readonly #scope: InstrumentationScope
  readonly #registry: InstrumentRegistry
  readonly #known = new Map<string, Known[]>()

  constructor(scope: InstrumentationScope, registry: InstrumentRegistry) {
    this.#scope = scope
    this.#registry = registry
  }

  /** Never throws. A name that is not allowed gives an instrument that measures nothing, with a warning. */
  create<S extends InstrumentStream, I>(
    type: InstrumentType,
    name: unknown,
    options: unknown,
    createStream: (stream: Stream) => S,
    createInstrument: (streams: InstrumentStreams<S>) => I,
  ): I {
    if (!isInstrumentName(name)) {
      warnName(this.#scope, name)
      return createInstrument(nothing(type))
    }
    const { isInteger, ...rest } = readOptions(name, options)
    const namesakes = this.#known.get(name.toLowerCase()) ?? []
    const first = namesakes[0]?.core.instrument.name ?? name
    const same = namesakes.find(({ core }) => core.type === type && core.instrument.unit === rest.unit)
    if (namesakes.length > 0)
      warnConflict(
        this.#scope,
        namesakes.map(({ core }) => core.instrument),
        { ...rest, name, type },
      )
    if (same !== undefined) {
      same.core.describe(rest.description)
      return same.instrument as I
    }
    if (this.#registry.isFull) return createInstrument(nothing(type))
    const description = { ...rest, name: first, type, scope: this.#scope }
    const core = new InstrumentCore(description, isInteger, createStream)
    this.#registry.add(core)
    const instrument = createInstrument(core)
    this.#known.set(name.toLowerCase(), [...namesakes, { core, instrument }])
    return instrument
  }
}

function nothing<S extends InstrumentStream>(type: InstrumentType): InstrumentStreams<S> {
  return { type, isInteger: false, streams: [] }
}

function warnName(scope: InstrumentationScope, name: unknown): void {
  const shown = typeof name === 'string' ? JSON.stringify(name.slice(0, 300)) : typeof name
  warnOnce(
    'HASHIRA_INSTRUMENT_INVALID',
    `meter ${scope.name}: an instrument is named ${shown}, allowed are at most 255 letters, digits, "_", ".", "-" and "/", first a letter; it measures nothing`,
  )
}

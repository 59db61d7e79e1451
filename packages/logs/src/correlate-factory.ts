import { activeContext } from '@hashira/core'
import { correlate, UNCORRELATED } from './correlate'
import { serviceFields, spanFields } from './correlation-fields'
import { LineRecorder } from './line-recorder'
import { logSettings } from './log-settings'
import { type AsJson, type PinoInstance, type PinoInternals, pinoInternals } from './pino-internals'

type Logger = Parameters<typeof correlate>[0]

/**
 * Correlates every logger that `pino` (the function, of pino 8, 9 or 10) makes from now on or has made, each with its first line.
 * For `hashira/register`, which meets pino when the app loads it.
 */
export function correlateFactory(pino: (options: object, destination: object) => object): void {
  const internals = pinoInternals(pino({ level: 'silent' }, { write() {} }))
  if (internals === undefined) return
  const { asJson } = internals
  const holder = holderOf(internals.root, asJson)
  const original = holder?.[asJson] as AsJson | undefined
  if (holder === undefined || original === undefined || UNCORRELATED in original) return
  const first: AsJson = function (this: PinoInstance, ...line) {
    try {
      correlate(this as unknown as Logger)
      return (this[asJson] as AsJson).apply(this, line)
    } catch {
      return original.apply(this, line)
    }
  }
  holder[asJson] = Object.assign(first, { [UNCORRELATED]: original })
}

/** The prototype of all loggers of this copy of pino: the last object up the chain that has `asJson`. */
function holderOf(root: PinoInstance, asJson: symbol): PinoInstance | undefined {
  let holder: PinoInstance | undefined
  for (let object: object | null = root; object !== null; object = Object.getPrototypeOf(object))
    if (Object.hasOwn(object, asJson)) holder = object as PinoInstance
  return holder
}

/** What pino publishes on its channel around a line (`tracing:pino_asJson`): `result` is there at its end. */
export interface PublishedLine {
  readonly instance: object
  /** Of `asJson`: object, message, level, time. */
  readonly arguments: ArrayLike<unknown>
  readonly result?: unknown
}

/**
 * Correlates the logger that is about to write the line that `published` is of, of which nothing can be changed any more but the
 * bindings: they have the fields until the function that is returned is called, right after the line. `undefined` when it is
 * correlated already or is no pino logger.
 */
export function correlateFirstLine(published: PublishedLine): (() => void) | undefined {
  const instance = published.instance as PinoInstance
  const internals = pinoInternals(instance)
  if (internals === undefined) return undefined
  const { root, asJson, chindings, hooks } = internals
  const before = { asJson: root[asJson], hooks: root[hooks] }
  correlate(instance as unknown as Logger)
  if (root[asJson] === before.asJson) return undefined
  const bindings = Object.getOwnPropertyDescriptor(instance, chindings)
  const added = spanFields(activeContext()) + serviceFields()
  const value = `${instance[chindings]}${added}`
  Object.defineProperty(instance, chindings, { value, configurable: true, writable: true, enumerable: true })
  return () => {
    if (bindings === undefined) Reflect.deleteProperty(instance, chindings)
    else Object.defineProperty(instance, chindings, bindings)
    // A `streamWrite` that was replaced has not seen this line yet, and only what it lets out may leave.
    if (root[hooks] === before.hooks) recordFirstLine(published, internals, added)
  }
}

function recordFirstLine(published: PublishedLine, internals: PinoInternals, added: string): void {
  const { result: line, arguments: args, instance } = published
  const [level, time] = [args[2], args[3]]
  if (logSettings.sinks.length === 0 || typeof line !== 'string') return
  if (typeof level !== 'number' || typeof time !== 'string') return
  new LineRecorder(internals).record(line, { instance: instance as PinoInstance, level, time, added })
}

import { activeContext } from '@hashira/core'
import { correlate, UNCORRELATED } from './correlate'
import { serviceFields, spanFields } from './correlation-fields'
import { type AsJson, type PinoInstance, pinoInternals } from './pino-internals'

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

/**
 * Correlates the logger of `instance`, which is about to write a line of which nothing can be changed any more but the bindings:
 * they have the fields until the function that is returned is called, right after the line. `undefined` when it is correlated
 * already or is no pino logger.
 */
export function correlateFirstLine(instance: object): (() => void) | undefined {
  const internals = pinoInternals(instance)
  if (internals === undefined) return undefined
  const before = internals.root[internals.asJson]
  correlate(instance as Logger)
  if (internals.root[internals.asJson] === before) return undefined
  const { chindings } = internals
  const bindings = Object.getOwnPropertyDescriptor(instance, chindings)
  const text = (instance as PinoInstance)[chindings]
  const value = `${text}${spanFields(activeContext())}${serviceFields()}`
  Object.defineProperty(instance, chindings, { value, configurable: true, writable: true, enumerable: true })
  return () => {
    if (bindings === undefined) Reflect.deleteProperty(instance, chindings)
    else Object.defineProperty(instance, chindings, bindings)
  }
}

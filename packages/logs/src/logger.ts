import type { Logger } from 'pino'
import { createLogger } from './create-logger'

/**
 * A pino logger with pino's own defaults (JSON lines on stdout), correlated.
 *
 * It is usable at import and made when it is first touched: an object whose prototype becomes the pino instance then, just as
 * pino makes children. From that moment a line costs what it costs on any child.
 */
export const logger: Logger = Object.create(untouched()) as Logger

function untouched(): object {
  return new Proxy(Object.create(null) as object, {
    get: (_target, key, receiver) => Reflect.get(instance(), key, receiver),
    set: (_target, key, value, receiver) => Reflect.set(instance(), key, value, receiver),
    has: (_target, key) => Reflect.has(instance(), key),
    getPrototypeOf: instance,
  })
}

function instance(): object {
  const made = createLogger()
  Object.setPrototypeOf(logger, made)
  return made
}

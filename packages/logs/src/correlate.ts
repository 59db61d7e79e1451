import { countFault, describe, HashiraError } from '@hashira/core'
import { serviceFields, spanFields } from './correlation-fields'
import { logSettings } from './log-settings'
import { OwnKeys } from './own-keys'
import { type AsJson, type PinoInstance, type PinoInternals, pinoInternals } from './pino-internals'

const CORRELATED = Symbol.for('hashira.logs.correlated')
const CLOSING_BRACE = 0x7d
const OPENING_BRACE = 0x7b
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

/**
 * Adds `trace_id`, `span_id` and `trace_flags` of the active span, and the service's name, version and environment, to every
 * line of a pino logger (8, 9, 10), of its root and of all of that root's children, whenever they were made. Nothing else of
 * its configuration changes. Correlating it again does nothing.
 *
 * The root's `asJson` is what every line passes through. Bindings would miss children that exist already, and a mixin costs
 * twice as much per line.
 *
 * @returns the same logger
 * @throws HashiraError `HASHIRA_LOGGER_INVALID` when it is not a pino logger
 */
export function correlate<L extends { level: string; child(...a: never[]): unknown }>(logger: L): L {
  const internals = pinoInternals(logger)
  if (internals === undefined) {
    throw new HashiraError(
      'HASHIRA_LOGGER_INVALID',
      `correlate(): got ${kindOf(logger)}, allowed is a pino logger (8, 9, 10)`,
    )
  }
  const { root, asJson } = internals
  if (Object.hasOwn(root, CORRELATED)) return logger
  const correlated = correlatedAsJson(root[asJson] as AsJson, internals)
  Object.defineProperty(root, asJson, { value: correlated, configurable: true, writable: true })
  Object.defineProperty(root, CORRELATED, { value: true })
  return logger
}

function correlatedAsJson(asJson: AsJson, internals: PinoInternals): AsJson {
  const ownIds = new OwnKeys(internals)
  const ownService = new OwnKeys(internals)
  return function (this: PinoInstance, object, message, level, time) {
    const line = asJson.call(this, object, message, level, time)
    try {
      const { keys } = logSettings
      let fields = spanFields()
      if (fields !== '' && keys.traceId !== false && ownIds.has(this, object, line, keys.traceId)) fields = ''
      const service = serviceFields()
      if (service === '') return append(line, fields)
      if (keys.serviceName !== false && ownService.has(this, object, line, keys.serviceName))
        return append(line, fields)
      return append(line, fields + service)
    } catch {
      countFault('log_correlation')
      return line
    }
  }
}

/** `fields` before the brace that closes `line`; its line end stays. */
function append(line: string, fields: string): string {
  let close = line.length - 1
  if (line.charCodeAt(close) === LINE_FEED) close--
  if (line.charCodeAt(close) === CARRIAGE_RETURN) close--
  if (fields === '' || line.charCodeAt(close) !== CLOSING_BRACE) return line
  const isEmpty = line.charCodeAt(close - 1) === OPENING_BRACE && close === 1
  return line.slice(0, close) + (isEmpty ? fields.slice(1) : fields) + line.slice(close)
}

function kindOf(logger: unknown): string {
  if (typeof logger !== 'object' || logger === null) return describe(logger)
  return `an object of the class ${describe(logger.constructor?.name ?? 'null')}`
}

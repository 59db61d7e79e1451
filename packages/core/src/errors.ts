/** Every coded error of Hashira. Codes are stable; texts may get better. */
export const ERROR_TEXTS = {
  HASHIRA_OPTION_INVALID: 'an option or its environment variable has a value that is not allowed',
  HASHIRA_OPTION_UNKNOWN: 'an option is not known',
  HASHIRA_EXPORTER_NOT_FOUND: 'an exporter was named that is not installed',
  HASHIRA_EXPORTER_INVALID: 'an exporter does not have the shape of one',
  HASHIRA_OTEL_SDK_REGISTERED: 'an OpenTelemetry SDK is already registered in this process',
  HASHIRA_PROPAGATION_CONFLICT: 'two propagators found different traces in the headers of one request',
  HASHIRA_PORT_BUSY: 'the Prometheus port is taken',
  HASHIRA_REGISTRY_INVALID: 'a metrics registry does not have the shape of one',
  HASHIRA_METRIC_CARDINALITY: 'a metric reached its limit of series',
  HASHIRA_METRIC_NAME_TAKEN: 'a metric name of ours is already registered',
  HASHIRA_METRIC_CONFLICT: 'two metrics have one name, or a view does not fit its instrument',
  HASHIRA_INSTRUMENT_INVALID: 'an instrument has a name or advice that is not allowed',
  HASHIRA_METER_NOT_REGISTERED: 'instruments of the OpenTelemetry API go to another SDK',
  HASHIRA_REGISTRY_TWICE: 'prom-client and its successor are both loaded',
  HASHIRA_LOGGER_INVALID: 'a logger is not a pino logger',
  HASHIRA_DEPENDENCY_MISSING: 'a package is needed that is not installed',
  HASHIRA_NOT_INSTALLED: 'a package of Hashira is needed that is not installed',
  HASHIRA_FRAMEWORK_UNSUPPORTED: 'a framework version is not supported',
} as const

export type ErrorCode = keyof typeof ERROR_TEXTS

const BRAND = Symbol.for('hashira.error')

/** Thrown by set-up only, never while recording. `code` is one of {@link ErrorCode}. */
export class HashiraError extends Error {
  override readonly name = 'HashiraError'
  readonly code: ErrorCode
  readonly [BRAND] = true

  constructor(code: ErrorCode, detail: string, options?: ErrorOptions) {
    super(`${detail} [${code}]`, options)
    this.code = code
  }
}

/** `instanceof` that also holds across two installed copies. */
export function isHashiraError(error: unknown): error is HashiraError {
  return typeof error === 'object' && error !== null && (error as { [BRAND]?: unknown })[BRAND] === true
}

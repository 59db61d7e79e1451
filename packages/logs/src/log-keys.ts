import { describe, HashiraError } from '@hashira/core'

/** The name of each field in a log line; `false` leaves it out. */
export interface LogKeys {
  readonly traceId: string | false
  readonly spanId: string | false
  readonly traceFlags: string | false
  /** The trace id once more, as X-Ray writes it: `1-66e2c0f5-a1b2…`. Left out unless it has a name. */
  readonly xrayTraceId: string | false
  readonly serviceName: string | false
  readonly serviceVersion: string | false
  readonly environment: string | false
  /** Datadog reads span ids as decimal numbers, and so trace ids of 64 bits; those of 128 it reads in hex. */
  readonly spanIdFormat: 'hex' | 'decimal'
}

/** `opentelemetry` is the default: the names of OpenTelemetry's "Trace Context in non-OTLP Log Formats" and resource. */
export type LogKeysPreset = 'opentelemetry' | 'datadog' | 'ecs' | 'google' | 'aws'

const OPENTELEMETRY: LogKeys = {
  traceId: 'trace_id',
  spanId: 'span_id',
  traceFlags: 'trace_flags',
  xrayTraceId: false,
  serviceName: 'service.name',
  serviceVersion: 'service.version',
  environment: 'deployment.environment.name',
  spanIdFormat: 'hex',
}

const PRESETS: Readonly<Record<LogKeysPreset, LogKeys>> = {
  opentelemetry: OPENTELEMETRY,
  datadog: {
    traceId: 'dd.trace_id',
    spanId: 'dd.span_id',
    traceFlags: false,
    xrayTraceId: false,
    serviceName: 'dd.service',
    serviceVersion: 'dd.version',
    environment: 'dd.env',
    spanIdFormat: 'decimal',
  },
  ecs: {
    ...OPENTELEMETRY,
    traceId: 'trace.id',
    spanId: 'span.id',
    traceFlags: false,
    environment: 'service.environment',
  },
  google: {
    ...OPENTELEMETRY,
    traceId: 'logging.googleapis.com/trace',
    spanId: 'logging.googleapis.com/spanId',
    traceFlags: false,
  },
  // Application Signals finds lines by `trace_id`, X-Ray's console by the text of its own form.
  aws: { ...OPENTELEMETRY, xrayTraceId: 'xray_trace_id' },
}

export const LOG_KEYS_PRESETS: readonly LogKeysPreset[] = Object.keys(PRESETS) as LogKeysPreset[]

/**
 * A preset by name, or names of one's own over the default ones.
 * @throws HashiraError `HASHIRA_OPTION_INVALID`
 */
export function resolveLogKeys(keys: LogKeysPreset | Partial<LogKeys>): LogKeys {
  if (typeof keys === 'string' && Object.hasOwn(PRESETS, keys)) return PRESETS[keys]
  if (typeof keys !== 'object' || keys === null || !Object.entries(keys).every(isAllowed)) {
    throw new HashiraError(
      'HASHIRA_OPTION_INVALID',
      `option "logKeys" is ${describe(keys)}, allowed is one of ${LOG_KEYS_PRESETS.join(', ')}, or an object with names (false: left out) for ${Object.keys(OPENTELEMETRY).join(', ')}`,
    )
  }
  return { ...OPENTELEMETRY, ...keys }
}

function isAllowed([name, value]: [string, unknown]): boolean {
  if (name === 'spanIdFormat') return value === 'hex' || value === 'decimal'
  return (
    Object.hasOwn(OPENTELEMETRY, name) && (value === false || (typeof value === 'string' && value !== ''))
  )
}

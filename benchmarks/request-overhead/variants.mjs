import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const lean = fileURLToPath(new URL('./server/otel-lean.cjs', import.meta.url))

const otlp = ({ sinkUrl }) => ({ OTEL_SERVICE_NAME: 'bench', OTEL_EXPORTER_OTLP_ENDPOINT: sinkUrl })

const hashira = {
  instrumentation: 'hashira',
  env: (ports) => ({
    ...otlp(ports),
    OTEL_TRACES_EXPORTER: 'otlp',
    HASHIRA_PROMETHEUS_HOST: '127.0.0.1',
    HASHIRA_PROMETHEUS_PORT: String(ports.prometheusPort),
    HASHIRA_QUIET: 'true',
  }),
  spans: true,
  traceIds: true,
  metrics: 'prometheus',
}
const otelDefault = {
  require: () => require.resolve('@opentelemetry/auto-instrumentations-node/register'),
  env: otlp,
  spans: true,
  traceIds: true,
  metrics: 'otlp',
}

/**
 * What a server process gets, by variant. `logs`, `spans`, `traceIds` and `metrics` say what it must have produced for its
 * number to count, see guard.mjs.
 */
export const variants = {
  bare: { logs: false },
  pino: { logs: true },
  hashira: { logs: true, ...hashira },
  'otel-default': { logs: true, ...otelDefault },
  'otel-lean': { logs: true, ...otelDefault, require: () => lean },
  'dd-trace': {
    logs: true,
    require: () => require.resolve('dd-trace/init'),
    env: ({ sinkUrl }) => ({ DD_SERVICE: 'bench', DD_TRACE_AGENT_URL: sinkUrl, DD_LOGS_INJECTION: 'true' }),
    spans: true,
    traceIds: true,
  },
  'hashira-off': off('OTEL_SDK_DISABLED', 'true', hashira),
  'hashira-sampled-out': sampledOut(hashira),
  'otel-off': off('OTEL_SDK_DISABLED', 'true', otelDefault),
  'otel-sampled-out': sampledOut(otelDefault),
}

export const defaultVariants = ['bare', 'pino', 'hashira', 'otel-default', 'otel-lean', 'dd-trace']
export const axisVariants = ['hashira-off', 'hashira-sampled-out', 'otel-off', 'otel-sampled-out']

function off(name, value, base) {
  const env = (ports) => ({ ...base.env(ports), [name]: value })
  return { logs: true, ...base, env, spans: false, traceIds: undefined, metrics: undefined }
}

function sampledOut(base) {
  const env = (ports) => ({ ...base.env(ports), OTEL_TRACES_SAMPLER: 'always_off' })
  return { logs: true, ...base, env, spans: false }
}

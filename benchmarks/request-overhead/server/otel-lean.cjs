// OpenTelemetry with only what this app needs: http, its framework and pino. Logs stay on stdout, as they do with Hashira.
const { NodeSDK } = require('@opentelemetry/sdk-node')
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http')
const { ExpressInstrumentation } = require('@opentelemetry/instrumentation-express')
const { PinoInstrumentation } = require('@opentelemetry/instrumentation-pino')
const { FastifyOtelInstrumentation } = require('@fastify/otel')

process.env.OTEL_LOGS_EXPORTER ??= 'none'
process.env.OTEL_METRICS_EXPORTER ??= 'otlp'

const framework =
  process.env.BENCH_FRAMEWORK === 'fastify'
    ? new FastifyOtelInstrumentation({ registerOnInitialization: true })
    : new ExpressInstrumentation()

const sdk = new NodeSDK({
  instrumentations: [
    new HttpInstrumentation(),
    framework,
    new PinoInstrumentation({ disableLogSending: true }),
  ],
})
sdk.start()
process.once('SIGTERM', () => sdk.shutdown().finally(() => process.exit()))

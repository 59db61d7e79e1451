import { type Exporter, HashiraError, isHashiraError, recordError } from '@hashira/core'
import { jaeger } from '@hashira/exporter-jaeger'
import { otlp } from '@hashira/exporter-otlp'
import { metricsHandler, prometheus } from '@hashira/exporter-prometheus'
import { correlate, createLogger, logger } from '@hashira/logs'
import { configureMetrics, meterProvider, registry } from '@hashira/metrics-red'
import { traceIdRatioSampler, tracer } from '@hashira/tracing'
import { type Counter as ApiCounter, metrics } from '@opentelemetry/api'
import express from 'express'
import fastify from 'fastify'
import { type StartOptions, start } from 'hashira'
import pino from 'pino'
import { Counter } from 'prom-client'

const sync: number = tracer.span('sync', () => 1)
const promised: Promise<string> = tracer.span('async', { attributes: { key: 'value' } }, async (span) => {
  span.setAttribute('answer', 42)
  return 'done'
})
console.log(sync, promised)
// @ts-expect-error a span needs something to run
tracer.span('nothing')

const levels = pino({ customLevels: { audit: 35 } })
correlate(levels).audit('kept its own level')
correlate(levels.child({ part: 1 })).audit('a child as well')
createLogger({ level: 'debug', customLevels: { audit: 35 } }).audit('typed')
logger.info({ key: 'value' }, 'message')
// @ts-expect-error not a logger
correlate({ info() {} })

new Counter({ name: 'jobs_total', help: 'Jobs', registers: [registry] }).inc()

const orders: ApiCounter<{ kind: string }> = metrics.getMeter('shop').createCounter('orders')
orders.add(1, { kind: 'online' })
meterProvider.getMeter('shop').createHistogram('took', { unit: 's' }).bind({ kind: 'online' }).record(0.1)
meterProvider
  .getMeter('shop')
  .createObservableGauge('stock')
  .addCallback((result) => result.observe(1))
configureMetrics({ views: [{ instrumentName: 'took', aggregation: 'base2_exponential_bucket_histogram' }] })
// @ts-expect-error an aggregation that there is not
configureMetrics({ views: [{ instrumentName: 'took', aggregation: 'average' }] })

const options: StartOptions = {
  views: [{ instrumentName: 'orders', attributeKeys: ['kind'], maxSeries: 100, buckets: undefined }],
  serviceName: 'shop',
  exporters: [
    'prometheus',
    'mine',
    jaeger(),
    otlp({ endpoint: 'http://collector:4318' }),
    prometheus({ port: 0 }),
  ],
  sampler: traceIdRatioSampler(0.1),
  onSpanEnd: (span) => (span.name === 'secret' ? false : undefined),
  ignoreOutgoing: [/health/, (url) => url.endsWith('/ping')],
  quiet: undefined,
}
const hashira = start(options)
const delivered: number = hashira.status().exporters[0]?.delivered ?? 0
await hashira.shutdown({ timeoutMs: 1_000 })
console.log(delivered)
// @ts-expect-error an option that is not known
start({ service: 'shop' })

express().get('/metrics', metricsHandler())
fastify().get('/metrics', metricsHandler())

const mine: Exporter = otlp()
console.log(mine.name)
recordError(new Error('handled by the framework'))
try {
  start()
} catch (error) {
  if (isHashiraError(error) && error.code === 'HASHIRA_OPTION_INVALID') console.log(error.message)
  // @ts-expect-error codes are a union
  if (error instanceof HashiraError && error.code === 'HASHIRA_NO_SUCH_CODE') console.log(error.message)
}

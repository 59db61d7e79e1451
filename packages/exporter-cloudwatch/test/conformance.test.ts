import { cloudwatch } from '@hashira/exporter-cloudwatch'
import { exporterConformance, type ReceivedMessage } from '@hashira/testing'
import { decodeMetrics, encodeMetricsResponse } from '../../exporter-otlp/test/otlp-schema'
import { readDatum, readEmf } from './emf-rules'
import type { Json } from './support'

const SECRET = 'conformance-secret-key'
const signed = {
  region: 'eu-west-1',
  credentials: { accessKeyId: 'AKIDCONFORMANCE', secretAccessKey: SECRET },
}

const linesIn = ({ body }: ReceivedMessage) =>
  body
    .toString()
    .split('\n')
    .filter((line) => line !== '')
/** Of a datagram, and what there is of a connection that broke, every whole line. */
const metricsInLines = (message: ReceivedMessage) =>
  linesIn(message).reduce((count, line) => count + readEmf(line).length, 0)

for (const [backend, scheme] of [
  ['tcp', 'tcp'],
  ['udp', 'udp'],
] as const) {
  exporterConformance({
    name: `cloudwatch to the agent over ${scheme}`,
    backend,
    create: ({ host, port, timeoutMs }) =>
      cloudwatch({ via: 'agent', agentEndpoint: `${scheme}://${host}:${port}`, timeoutMs }),
    metrics: { countItems: metricsInLines },
  })
}

exporterConformance({
  name: 'cloudwatch on stdout',
  backend: 'stream',
  create: ({ stream }) => cloudwatch({ via: 'stdout', stream }),
  metrics: { countItems: metricsInLines },
})

exporterConformance({
  name: 'cloudwatch by PutMetricData',
  create: ({ url, timeoutMs }) =>
    cloudwatch({
      via: 'putMetricData',
      endpoint: url,
      timeoutMs,
      // The kit's load is one family: without its label it would be one metric.
      dimensions: { 'conformance.items': [['item']] },
      ...signed,
    }),
  metrics: {
    countItems: ({ body }) => JSON.parse(body.toString()).MetricData.map(readDatum).length,
  },
  retryableStatuses: [429, 500, 502, 503, 504],
  secrets: [SECRET],
})

exporterConformance({
  name: 'cloudwatch by PutLogEvents',
  create: ({ url, timeoutMs }) => cloudwatch({ via: 'logs', endpoint: url, timeoutMs, ...signed }),
  metrics: {
    countItems: ({ body }) =>
      JSON.parse(body.toString()).logEvents.flatMap(({ message }: { message: string }) => readEmf(message))
        .length,
  },
  success: { body: '{}' },
  retryableStatuses: [429, 500, 502, 503, 504],
  secrets: [SECRET],
  partialSuccess: (rejected, total) => ({
    // The kit's load is one metric an event.
    body: JSON.stringify({ rejectedLogEventsInfo: { tooNewLogEventStartIndex: total - rejected } }),
  }),
})

exporterConformance({
  name: 'cloudwatch by OTLP',
  create: ({ url, timeoutMs }) => cloudwatch({ via: 'otlp', endpoint: url, timeoutMs, ...signed }),
  metrics: {
    countItems: ({ body }) =>
      decodeMetrics(body)
        .resourceMetrics.flatMap(({ scopeMetrics }: Json) => scopeMetrics)
        .flatMap(({ metrics }: Json) => metrics)
        .reduce((sum: number, { sum: one, gauge, histogram, summary }: Json) => {
          return sum + (one ?? gauge ?? histogram ?? summary).dataPoints.length
        }, 0),
  },
  partialSuccess: (rejected) => ({
    body: encodeMetricsResponse({
      partialSuccess: { rejectedDataPoints: rejected, errorMessage: 'too old' },
    }),
  }),
  retryableStatuses: [429, 500, 502, 503, 504],
  secrets: [SECRET],
})

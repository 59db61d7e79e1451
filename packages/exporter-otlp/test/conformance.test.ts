import { type OtlpOptions, otlp } from '@hashira/exporter-otlp'
import { exporterConformance, type ReceivedMessage } from '@hashira/testing'
import { decodedLogs, decodedSpans } from './decoded'
import {
  decodeLogs,
  decodeMetrics,
  decodeTraces,
  encodeLogsResponse,
  encodeMetricsResponse,
  encodeTracesResponse,
  type Message,
  parseJson,
} from './otlp-schema'

/** What a partial success counts, and its message. */
const REJECTED = {
  traces: 'rejectedSpans',
  metrics: 'rejectedDataPoints',
  logs: 'rejectedLogRecords',
} as const
const ENCODE = {
  traces: encodeTracesResponse,
  metrics: encodeMetricsResponse,
  logs: encodeLogsResponse,
} as const

for (const protocol of ['http/protobuf', 'http/json'] as const) {
  const isJson = protocol === 'http/json'
  const request = (decode: (bytes: Uint8Array) => Message, { body }: ReceivedMessage): Message =>
    isJson ? parseJson(body) : decode(body)
  const options: OtlpOptions = { protocol, compression: isJson ? 'gzip' : 'none' }

  exporterConformance({
    name: `otlp ${protocol}`,
    create: ({ url, timeoutMs }) =>
      otlp({ endpoint: url, timeoutMs, headers: { 'api-key': 'a-key-of-the-test' }, ...options }),
    secrets: ['a-key-of-the-test'],
    traces: { decode: (message) => decodedSpans(request(decodeTraces, message)) },
    logs: { decode: (message) => decodedLogs(request(decodeLogs, message)) },
    metrics: { countItems: (message) => dataPoints(request(decodeMetrics, message)).length },
    partialSuccess: (rejected, _total, signal) => {
      const answer = { partialSuccess: { [REJECTED[signal]]: rejected, errorMessage: 'too old' } }
      return { body: isJson ? JSON.stringify(answer) : ENCODE[signal](answer) }
    },
  })
}

function dataPoints({ resourceMetrics }: Message): Message[] {
  return resourceMetrics
    .flatMap(({ scopeMetrics }: Message) => scopeMetrics)
    .flatMap(({ metrics }: Message) => metrics)
    .flatMap(
      ({ sum, gauge, histogram, summary }: Message) => (sum ?? gauge ?? histogram ?? summary).dataPoints,
    )
}

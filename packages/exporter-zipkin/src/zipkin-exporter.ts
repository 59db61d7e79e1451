import {
  type BatchLimitOptions,
  batchLimitOptions,
  batchLimitsOf,
  choiceOption,
  type Exporter,
  headersOption,
  integerOption,
  resolveOptions,
  urlOption,
} from '@hashira/core'
import { HttpTransport } from '@hashira/delivery'
import { jsonFormat } from './json-format'
import { protobufFormat } from './protobuf-format'
import { VERSION } from './version'
import { ZipkinSpanEncoder } from './zipkin-span-encoder'

export interface ZipkinOptions extends BatchLimitOptions {
  /** Where spans are posted, used as it is. Default `http://localhost:9411/api/v2/spans`. `OTEL_EXPORTER_ZIPKIN_ENDPOINT`. */
  endpoint?: string | undefined
  /** Default `json`. `HASHIRA_ZIPKIN_FORMAT`. */
  format?: 'json' | 'protobuf' | undefined
  /** Sent with every request. `HASHIRA_ZIPKIN_HEADERS` (`k=v,k2=v2`, percent-encoded). */
  headers?: Readonly<Record<string, string>> | undefined
  /** Default `none`. `HASHIRA_ZIPKIN_COMPRESSION`. */
  compression?: 'none' | 'gzip' | undefined
  /** Of one request. Default 10,000. `OTEL_EXPORTER_ZIPKIN_TIMEOUT`. */
  timeoutMs?: number | undefined
}

const table = {
  ...batchLimitOptions('traces'),
  endpoint: urlOption('OTEL_EXPORTER_ZIPKIN_ENDPOINT', 'http://localhost:9411/api/v2/spans'),
  format: choiceOption('HASHIRA_ZIPKIN_FORMAT', 'json', ['json', 'protobuf']),
  headers: headersOption('HASHIRA_ZIPKIN_HEADERS'),
  compression: choiceOption('HASHIRA_ZIPKIN_COMPRESSION', 'none', ['none', 'gzip']),
  timeoutMs: integerOption('OTEL_EXPORTER_ZIPKIN_TIMEOUT', 10_000, 1),
}

/**
 * Traces to Zipkin, or whatever else takes its API v2.
 *
 * Throws `HASHIRA_OPTION_INVALID` and `HASHIRA_OPTION_UNKNOWN`; opens nothing before Hashira starts.
 */
export function zipkin(options?: ZipkinOptions): Exporter {
  const { values } = resolveOptions('zipkin()', table, options, process.env)
  const format = values.format === 'protobuf' ? protobufFormat : jsonFormat
  const transport = new HttpTransport({
    url: values.endpoint,
    contentType: format.contentType,
    headers: values.headers,
    userAgent: `hashira/${VERSION}`,
    compression: values.compression,
    timeoutMs: values.timeoutMs,
  })
  return {
    name: 'zipkin',
    traces: {
      transport,
      limits: batchLimitsOf(values),
      createEncoder: (resource) => new ZipkinSpanEncoder(format, resource),
    },
  }
}

import { jaeger } from '@hashira/exporter-jaeger'
import { exporterConformance } from '@hashira/testing'
import { decodedSpans } from '../../exporter-otlp/test/decoded'
import { decodeTraces, encodeTracesResponse } from '../../exporter-otlp/test/otlp-schema'

exporterConformance({
  name: 'jaeger',
  create: ({ url, timeoutMs }) =>
    jaeger({ endpoint: url, timeoutMs, headers: { authorization: 'Bearer a-token-of-the-test' } }),
  secrets: ['a-token-of-the-test'],
  traces: { decode: ({ body }) => decodedSpans(decodeTraces(body)) },
  partialSuccess: (rejectedSpans) => ({
    body: encodeTracesResponse({ partialSuccess: { rejectedSpans, errorMessage: 'too old' } }),
  }),
})

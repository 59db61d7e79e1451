import { once } from 'node:events'
import { createServer } from 'node:http'

const KINDS = [undefined, 'internal', 'server', 'client', 'producer', 'consumer']

/** Takes OTLP/JSON spans from both services, as a collector would, so that the demo can show a trace without a backend. */
export class TraceCollector {
  #server = createServer((request, response) => this.#receive(request, response))
  spans = []

  async listen() {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#server.unref()
    return `http://127.0.0.1:${this.#server.address().port}`
  }

  /** The spans of each trace, by trace id. */
  traces() {
    const traces = new Map()
    for (const span of this.spans) traces.set(span.traceId, [...(traces.get(span.traceId) ?? []), span])
    return traces
  }

  async #receive(request, response) {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    for (const { resource, scopeSpans } of JSON.parse(Buffer.concat(chunks)).resourceSpans ?? []) {
      const service = attributesOf(resource)['service.name']
      for (const { spans } of scopeSpans) this.spans.push(...spans.map((span) => readSpan(span, service)))
    }
    response.setHeader('content-type', 'application/json').end('{}')
  }
}

function readSpan(span, service) {
  const startMs = Number(BigInt(span.startTimeUnixNano) / 1_000n) / 1_000
  const endMs = Number(BigInt(span.endTimeUnixNano) / 1_000n) / 1_000
  return {
    service,
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId || undefined,
    name: span.name,
    kind: KINDS[span.kind],
    startMs,
    durationMs: endMs - startMs,
    isError: span.status?.code === 2,
    attributes: attributesOf(span),
  }
}

function attributesOf({ attributes = [] }) {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
}

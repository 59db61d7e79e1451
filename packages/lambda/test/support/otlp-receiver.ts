import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

type Value = { stringValue?: string; intValue?: string | number; boolValue?: boolean; doubleValue?: number }

interface OtlpSpan {
  name: string
  kind: number
  traceId: string
  spanId: string
  parentSpanId?: string
  attributes?: { key: string; value: Value }[]
  events?: { name: string }[]
  links?: { traceId: string; spanId: string }[]
  status?: { code?: number; message?: string }
}

export interface ReceivedSpan extends Omit<OtlpSpan, 'attributes'> {
  readonly attributes: Readonly<Record<string, unknown>>
  readonly atMs: number
}

/** Takes OTLP/HTTP in JSON. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = []
  readonly metricNames = new Set<string>()
  #server: Server | undefined
  /** Takes requests and never answers. */
  hangs = false

  async listen(): Promise<string> {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      if (this.hangs) return
      const body = JSON.parse(Buffer.concat(chunks).toString())
      if (request.url === '/v1/traces') this.#takeSpans(body)
      if (request.url === '/v1/metrics') this.#takeMetrics(body)
      response.setHeader('content-type', 'application/json').end('{}')
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    this.#server = server
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  close(): void {
    this.#server?.closeAllConnections()
    this.#server?.close()
  }

  named(name: string): ReceivedSpan[] {
    return this.spans.filter((span) => span.name === name)
  }

  #takeSpans(body: { resourceSpans: { scopeSpans: { spans: OtlpSpan[] }[] }[] }): void {
    for (const { scopeSpans } of body.resourceSpans) {
      for (const { spans } of scopeSpans) {
        for (const span of spans) {
          const attributes = Object.fromEntries(
            (span.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]),
          )
          this.spans.push({ ...span, attributes, atMs: performance.now() })
        }
      }
    }
  }

  #takeMetrics(body: { resourceMetrics: { scopeMetrics: { metrics: { name: string }[] }[] }[] }): void {
    for (const { scopeMetrics } of body.resourceMetrics)
      for (const { metrics } of scopeMetrics) for (const { name } of metrics) this.metricNames.add(name)
  }
}

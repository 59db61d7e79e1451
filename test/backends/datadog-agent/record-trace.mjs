import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'

export const links = [
  {
    context: { traceId: '1af7651916cd43dd8448eb211c80319c', spanId: 'c7ad6b7169203331', traceFlags: 1 },
    attributes: { why: 'retry' },
  },
]

/** The seconds in which everything happens: the agent takes no spans of long ago. */
export const startSeconds = Math.floor(Date.now() / 1000)

/** A server span and, inside it, a call that fails and a computation. What is recorded, so that what is read back can be compared. */
export function recordTrace() {
  const tracer = trace.getTracer('my-lib')
  const root = tracer.startSpan(
    'GET /users/:id',
    {
      kind: SpanKind.SERVER,
      startTime: [startSeconds, 5],
      attributes: {
        'http.request.method': 'GET',
        'url.scheme': 'http',
        'url.path': '/users/7',
        'server.address': 'shop.example',
        'server.port': 8080,
        'http.route': '/users/:id',
        'user.näme': 'Zoë 😀',
        ratio: 0.25,
        cached: true,
        list: ['a', 'b'],
      },
    },
    ROOT_CONTEXT,
  )
  const inRoot = trace.setSpan(ROOT_CONTEXT, root)
  const call = tracer.startSpan(
    'GET',
    {
      kind: SpanKind.CLIENT,
      startTime: [startSeconds, 1_000_000],
      attributes: {
        'http.request.method': 'GET',
        'url.full': 'http://stock/items',
        'server.address': 'stock',
      },
      links,
    },
    inRoot,
  )
  call.setAttribute('http.response.status_code', 503)
  call.recordException({ name: 'StockError', message: 'out of störck', stack: 'at stock.js:1' }, [
    startSeconds,
    2_000_000,
  ])
  call.setStatus({ code: SpanStatusCode.ERROR, message: 'failed' })
  call.end([startSeconds, 31_000_000])
  const compute = tracer.startSpan('sum up', { startTime: [startSeconds, 32_000_000] }, inRoot)
  compute.end([startSeconds, 33_000_000])
  root.setAttribute('http.response.status_code', 200)
  root.end([startSeconds, 50_000_005])
  const idsOf = (span) => span.spanContext()
  return {
    traceId: idsOf(root).traceId,
    root: idsOf(root).spanId,
    call: idsOf(call).spanId,
    compute: idsOf(compute).spanId,
  }
}

/** Of an id in hex, as Datadog has it. */
export const decimal = (hex) => BigInt(`0x${hex}`).toString()

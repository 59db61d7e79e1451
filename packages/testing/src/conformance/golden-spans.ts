import { AttributeList, type AttributeValue, type SpanLink, type SpanRecord } from '@hashira/core'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { randomHex } from './random-hex'

export interface GoldenSpan {
  /** Which case it is: `root`, `lone surrogates`. A kit's options name cases by it. */
  readonly title: string
  readonly record: SpanRecord
}

type Given = Partial<SpanRecord> & { readonly flat?: readonly unknown[] }

/** Spans that every encoder must take, all of one trace and of the last second. Ids are new with every call. */
export function goldenSpans(): GoldenSpan[] {
  const traceId = recentTraceId()
  const span = (title: string, given: Given = {}): GoldenSpan => ({
    title,
    record: goldenRecord({ traceId, name: title, ...given }),
  })
  const root = span('root', { isLocalRoot: true, kind: SpanKind.SERVER, name: 'GET /orders/:id', flat: HTTP })
  const parentSpanId = root.record.spanId
  return [
    root,
    span('child', { parentSpanId, kind: SpanKind.CLIENT, name: 'SELECT', flat: DATABASE }),
    span('remote parent', { parentSpanId, parentIsRemote: true, isLocalRoot: true, kind: SpanKind.SERVER }),
    span('producer', { parentSpanId, kind: SpanKind.PRODUCER, name: 'orders publish' }),
    span('consumer', { parentSpanId, kind: SpanKind.CONSUMER, name: 'orders process' }),
    span('ok', { parentSpanId, statusCode: SpanStatusCode.OK }),
    span('error', { parentSpanId, statusCode: SpanStatusCode.ERROR, statusMessage: 'card declined' }),
    span('error without words', { parentSpanId, statusCode: SpanStatusCode.ERROR }),
    span('exception', { parentSpanId, statusCode: SpanStatusCode.ERROR, events: [EXCEPTION()] }),
    span('every type of attribute', { parentSpanId, flat: EVERY_TYPE }),
    span('numbers at the edge', { parentSpanId, flat: EDGE_NUMBERS }),
    span('unicode', { parentSpanId, name: 'Grüße 你好 🎌 שלום', flat: UNICODE }),
    span('lone surrogates', { parentSpanId, name: 'lone \ud83c end', flat: ['low\udf8c', 'high \ud83c'] }),
    span('control characters', {
      parentSpanId,
      name: 'a\nb\tc\u0000d',
      flat: ['k\n"\\', 'v\r\n"\\\u0007|#,:'],
    }),
    span('special keys', { parentSpanId, flat: SPECIAL_KEYS }),
    span('empty', { parentSpanId, name: '', flat: ['text', '', 'list', []] }),
    span('no duration', { parentSpanId, ...lasting(0) }),
    span('less than a microsecond', { parentSpanId, ...lasting(1) }),
    span('a day', { parentSpanId, ...lasting(86_400 * 1e9) }),
    span('link', { parentSpanId, links: [goldenLink()] }),
    span('trace state', { parentSpanId, traceState: 'vendor=a,other=b' }),
    span('limits', { parentSpanId, ...atItsLimits() }),
    span('huge', { parentSpanId, ...huge() }),
  ]
}

/** A span that lasted 1.5 ms and began within the last seconds. */
export function goldenRecord({ flat = [], ...given }: Given = {}): SpanRecord {
  const attributes = new AttributeList([...flat] as (string | AttributeValue)[])
  return {
    traceId: given.traceId ?? recentTraceId(),
    spanId: randomHex(8),
    parentSpanId: undefined,
    parentIsRemote: false,
    traceFlags: 1,
    traceState: undefined,
    isLocalRoot: false,
    scope: SCOPE,
    kind: SpanKind.INTERNAL,
    name: 'golden',
    ...lasting(1_500_000),
    attributes,
    events: [],
    links: [],
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    statusCode: SpanStatusCode.UNSET,
    statusMessage: undefined,
    ...given,
  }
}

const SCOPE = { name: '@hashira/conformance', version: '1.2.3', schemaUrl: undefined }

/** Its first 8 digits are the Unix time in seconds: X-Ray takes no other, and everybody else takes any. */
function recentTraceId(): string {
  return Math.floor(Date.now() / 1e3).toString(16) + randomHex(12)
}

const HTTP = [
  ...['http.request.method', 'GET', 'http.route', '/orders/:id', 'http.response.status_code', 200],
  ...['url.path', '/orders/7', 'url.scheme', 'http', 'server.address', 'shop.example', 'server.port', 8080],
]
const DATABASE = [
  ...['db.system.name', 'postgresql', 'db.namespace', 'shop', 'db.query.text', 'SELECT * FROM orders'],
  ...['server.address', 'db.example', 'server.port', 5432],
]
const EVERY_TYPE = [
  ...['text', 'plain', 'whole', 42, 'negative', -7, 'fraction', 1.5, 'yes', true, 'no', false],
  ...['texts', ['a', 'b'], 'numbers', [1, 2.5], 'flags', [true, false], 'holes', ['a', null, 'b']],
]
const EDGE_NUMBERS = [
  ...['zero', 0, 'minus zero', -0, 'largest', Number.MAX_SAFE_INTEGER, 'smallest', Number.MIN_SAFE_INTEGER],
  ...['beyond', 2 ** 64, 'tiny', 5e-324, 'max', Number.MAX_VALUE, 'nan', Number.NaN],
  ...['infinite', Number.POSITIVE_INFINITY, 'minus infinite', Number.NEGATIVE_INFINITY, 'list', [Number.NaN]],
]
const UNICODE = [
  'schlüssel',
  'wért',
  '鍵',
  '値',
  'emoji 🎌',
  '🎌🏯',
  'combining',
  'e\u0301',
  'rtl',
  '\u202eabc',
]
const SPECIAL_KEYS = [
  ...['__proto__', 'p', 'constructor', 'c', 'toString', 't', 'hasOwnProperty', 'h', 'with space', 's'],
  ...['a.b', 'dot', 'a_b', 'underscore', 'a-b', 'dash', 'A.B', 'upper case', '1st', 'digit'],
]

const EXCEPTION = () => ({
  name: 'exception',
  timeSeconds: Math.floor(Date.now() / 1e3) - 1,
  timeNanos: 124_000_000,
  attributes: new AttributeList([
    ...['exception.type', 'TypeError', 'exception.message', 'x is not a function'],
    ...['exception.stacktrace', 'TypeError: x is not a function\n    at pay (/app/pay.js:7:11)'],
  ]),
})

function goldenLink(): SpanLink {
  const attributes = new AttributeList(['why', 'batch'])
  return {
    ...{ traceId: recentTraceId(), spanId: randomHex(8), traceFlags: 1 },
    ...{ traceState: undefined, isRemote: true, attributes },
  }
}

type Times = Pick<SpanRecord, 'startSeconds' | 'startNanos' | 'endSeconds' | 'endNanos'>

/** Ended within the last two seconds. */
function lasting(nanos: number): Times {
  const startNanos = 123_456_789
  const seconds = Math.floor(nanos / 1e9)
  const startSeconds = Math.floor(Date.now() / 1e3) - 1 - seconds
  return {
    startSeconds,
    startNanos,
    endSeconds: startSeconds + seconds,
    endNanos: startNanos + (nanos % 1e9),
  }
}

/** As many attributes as OpenTelemetry's default limit, and counts of what was beyond the limits. */
function atItsLimits(): Partial<SpanRecord> {
  const attributes = new AttributeList()
  for (let i = 0; i < 128; i++) attributes.push(`attribute.${i}`, `value ${i}`)
  attributes.droppedCount = 3
  return { attributes, droppedEventsCount: 200, droppedLinksCount: 70_000 }
}

/** A text of 64 KiB and 200 events: about 100 KiB in any format. */
function huge(): Partial<SpanRecord> {
  const event = (i: number) => ({ ...EXCEPTION(), name: `event ${i}` })
  const attributes = new AttributeList(['text', 'x'.repeat(64 * 1024)])
  return { attributes, events: Array.from({ length: 200 }, (_, i) => event(i)) }
}

import { AttributeList, type SpanRecord } from '@hashira/core'
import type { AttributeValue } from '@opentelemetry/api'
import fc from 'fast-check'

export const scope = { name: 'my-lib', version: '0.1.0', schemaUrl: undefined }

export const resource = {
  attributes: new AttributeList([
    'service.name',
    'shop',
    'service.version',
    '1.2.3',
    'deployment.environment.name',
    'prod',
    'host.name',
    'hôte',
  ]),
}

export function attributes(flat: unknown[] = [], droppedCount = 0): AttributeList {
  const list = new AttributeList(flat as (string | AttributeValue)[])
  list.droppedCount = droppedCount
  return list
}

export const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
export const ROOT_ID = 'b7ad6b7169203331'

/** A server span that took 50 ms. */
export function record(given: Partial<SpanRecord> = {}): SpanRecord {
  return {
    traceId: TRACE_ID,
    spanId: ROOT_ID,
    parentSpanId: undefined,
    parentIsRemote: false,
    traceFlags: 1,
    traceState: undefined,
    isLocalRoot: true,
    scope,
    kind: 1,
    name: 'GET /users/:id',
    startSeconds: 1_795_411_000,
    startNanos: 5,
    endSeconds: 1_795_411_000,
    endNanos: 50_000_005,
    attributes: attributes(),
    events: [],
    links: [],
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    statusCode: 0,
    statusMessage: undefined,
    ...given,
  }
}

const hex = (digits: number) =>
  fc
    .array(fc.integer({ min: 0, max: 15 }), { minLength: digits, maxLength: digits })
    .map((values) => values.map((value) => value.toString(16)).join(''))
/** Any UTF-16, lone surrogates included, short and long. */
export const anyText = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 })
    .map((codes) => String.fromCharCode(...codes)),
  fc.nat({ max: 20_000 }).map((length) => 'é'.repeat(length)),
  fc.nat({ max: 70_000 }).map((length) => 'x'.repeat(length)),
)
const anyNumber = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.constantFrom(
    0,
    -1,
    127,
    128,
    2 ** 31,
    2 ** 32,
    -(2 ** 31),
    2 ** 53,
    1e300,
    Number.NaN,
    Number.NEGATIVE_INFINITY,
  ),
)
const anyValue = fc.oneof(
  anyText,
  anyNumber,
  fc.boolean(),
  fc.array(fc.option(anyText, { nil: null }), { maxLength: 6 }),
  fc.array(fc.option(anyNumber, { nil: null }), { maxLength: 50 }),
  fc.array(fc.boolean(), { maxLength: 20 }),
)
/** Keys that mean something to Datadog, and any others. */
const anyKey = fc.oneof(
  anyText,
  fc.constantFrom(
    ...[
      'http.request.method',
      'http.route',
      'http.response.status_code',
      'url.full',
      'url.path',
      'url.scheme',
    ],
    ...['server.address', 'server.port', 'db.system.name', 'db.query.text', 'rpc.system', 'messaging.system'],
    ...['service.name', 'resource.name', 'span.type', 'operation.name', 'error.type', 'component'],
  ),
)
const anyAttributes = fc
  .tuple(fc.array(fc.tuple(anyKey, anyValue), { maxLength: 8 }), fc.nat())
  .map(([entries, dropped]) => {
    const list = new AttributeList()
    for (const [key, value] of entries) list.set(key, value as AttributeValue)
    list.droppedCount = dropped
    return list
  })
const seconds = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const nano = fc.integer({ min: 0, max: 999_999_999 })
const traceState = fc.option(fc.constantFrom('a=1', 'dd=s:2;o:rum;t.dm:-4,b=2', 'dd=s:-1;;o', 'dd='), {
  nil: undefined,
})

export const anyRecord: fc.Arbitrary<SpanRecord> = fc.record({
  // Few traces, so that their spans come mixed.
  traceId: fc.oneof(fc.constantFrom(TRACE_ID, `${'0'.repeat(16)}8448eb211c80319c`, 'f'.repeat(32)), hex(32)),
  spanId: hex(16),
  parentSpanId: fc.option(hex(16), { nil: undefined }),
  parentIsRemote: fc.boolean(),
  traceFlags: fc.integer({ min: 0, max: 255 }),
  traceState,
  isLocalRoot: fc.boolean(),
  scope: fc.constantFrom(scope, { ...scope }, { name: '', version: undefined, schemaUrl: undefined }),
  kind: fc.integer({ min: 0, max: 4 }),
  name: anyText,
  startSeconds: seconds,
  startNanos: nano,
  endSeconds: seconds,
  endNanos: nano,
  attributes: anyAttributes,
  events: fc.array(
    fc.record({ name: anyText, timeSeconds: seconds, timeNanos: nano, attributes: anyAttributes }),
    { maxLength: 3 },
  ),
  links: fc.array(
    fc.record({
      traceId: hex(32),
      spanId: hex(16),
      traceFlags: fc.integer({ min: 0, max: 255 }),
      traceState,
      isRemote: fc.boolean(),
      attributes: anyAttributes,
    }),
    { maxLength: 3 },
  ),
  droppedEventsCount: fc.nat(),
  droppedLinksCount: fc.nat(),
  statusCode: fc.integer({ min: 0, max: 2 }),
  statusMessage: fc.option(anyText, { nil: undefined }),
})

import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import {
  BaggageList,
  baggageOf,
  currentPropagator,
  DEFAULT_PROPAGATORS,
  extractContext,
  type HeaderPropagator,
  remoteHintOf,
  rootContext,
  spanOf,
  suppressTracing,
  withBaggage,
  withSpan,
} from '@hashira/core'
import { trace } from '@opentelemetry/api'
import { type Headers, passOn, type Seen, seen, sent, use } from './propagation-support'

after(() => use(...DEFAULT_PROPAGATORS))

const T = '0af7651916cd43dd8448eb211c80319c'
const LOW = '8448eb211c80319c'
const PADDED = `0000000000000000${LOW}`
const S = 'b7ad6b7169203331'
const P = '00f067aa0ba902b7'
const IDS = { traceId: T, spanId: S }
const NONE: Seen = {}

type Vector = [what: string, headers: Headers, seen: Seen, sentOn: Headers]

function check(propagator: string, vectors: readonly Vector[]): void {
  describe(propagator, () => {
    for (const [what, headers, expected, sentOn] of vectors) {
      test(what, () => {
        use(propagator)
        assert.deepEqual(seen(headers), expected)
        assert.deepEqual(passOn(headers), sentOn)
      })
    }
  })
}

check('b3', [
  ['sampled', { b3: `${T}-${S}-1` }, { ...IDS, decision: 'sampled' }, { b3: `${T}-${S}-1` }],
  ['not sampled', { b3: `${T}-${S}-0` }, { ...IDS, decision: 'not sampled' }, { b3: `${T}-${S}-0` }],
  ['debug', { b3: `${T}-${S}-d` }, { ...IDS, decision: 'sampled' }, { b3: `${T}-${S}-d` }],
  ['no decision', { b3: `${T}-${S}` }, { ...IDS, decision: 'deferred' }, { b3: `${T}-${S}` }],
  ['a parent', { b3: `${T}-${S}-1-${P}` }, { ...IDS, decision: 'sampled' }, { b3: `${T}-${S}-1` }],
  [
    '64 bits',
    { b3: `${LOW}-${S}-1` },
    { traceId: PADDED, spanId: S, decision: 'sampled' },
    { b3: `${PADDED}-${S}-1` },
  ],
  ['white space around it', { b3: ` ${T}-${S}-1\t` }, { ...IDS, decision: 'sampled' }, { b3: `${T}-${S}-1` }],
  [
    'the first of several',
    { b3: `${T}-${S}-1, ${LOW}-${S}-0` },
    { ...IDS, decision: 'sampled' },
    { b3: `${T}-${S}-1` },
  ],
  ['only "0"', { b3: '0' }, { traceId: undefined, decision: 'not sampled' }, {}],
  ['only "1"', { b3: '1' }, { traceId: undefined, decision: 'sampled' }, {}],
  ['only "d"', { b3: 'd' }, { traceId: undefined, decision: 'sampled' }, {}],
  [
    'x-b3-* are read as well',
    { 'x-b3-traceid': T, 'x-b3-spanid': S, 'x-b3-sampled': '1', 'x-b3-parentspanid': P },
    { ...IDS, decision: 'sampled' },
    { b3: `${T}-${S}-1` },
  ],
  [
    'b3 comes before x-b3-*',
    { b3: `${T}-${S}-0`, 'x-b3-traceid': LOW, 'x-b3-spanid': P, 'x-b3-sampled': '1' },
    { ...IDS, decision: 'not sampled' },
    { b3: `${T}-${S}-0` },
  ],
  ...[
    '',
    '2',
    'dd',
    `${T}`,
    `${T}-`,
    `${T}-${S}-2`,
    `${T}-${S}-`,
    `${T}-${S}-true`,
    `${T}-${S}-1-`,
    `${T}-${S}-1-${P}-1`,
    `${T}-${S}-1-${P.slice(1)}`,
    `${T.slice(1)}-${S}-1`,
    `${T}0-${S}-1`,
    `${T.toUpperCase()}-${S}-1`,
    `${'0'.repeat(32)}-${S}-1`,
    `${T}-${'0'.repeat(16)}-1`,
    `${T}-${S.slice(1)}-1`,
    `${T}_${S}_1`,
  ].map((b3): Vector => [`malformed: ${b3}`, { b3 }, NONE, {}]),
])

check('b3multi', [
  [
    'sampled',
    { 'x-b3-traceid': T, 'x-b3-spanid': S, 'x-b3-sampled': '1' },
    { ...IDS, decision: 'sampled' },
    { 'x-b3-traceid': T, 'x-b3-spanid': S, 'x-b3-sampled': '1' },
  ],
  [
    'debug, which implies sampled',
    { 'x-b3-traceid': T, 'x-b3-spanid': S, 'x-b3-flags': '1', 'x-b3-sampled': '0' },
    { ...IDS, decision: 'sampled' },
    { 'x-b3-traceid': T, 'x-b3-spanid': S, 'x-b3-flags': '1' },
  ],
  [
    '"true", as early tracers wrote it, and 64 bits',
    { 'x-b3-traceid': LOW, 'x-b3-spanid': S, 'x-b3-sampled': 'true' },
    { traceId: PADDED, spanId: S, decision: 'sampled' },
    { 'x-b3-traceid': PADDED, 'x-b3-spanid': S, 'x-b3-sampled': '1' },
  ],
  [
    '"false"',
    { 'x-b3-traceid': T, 'x-b3-spanid': S, 'x-b3-sampled': 'false' },
    { ...IDS, decision: 'not sampled' },
    { 'x-b3-traceid': T, 'x-b3-spanid': S, 'x-b3-sampled': '0' },
  ],
  [
    'no decision',
    { 'x-b3-traceid': T, 'x-b3-spanid': S },
    { ...IDS, decision: 'deferred' },
    { 'x-b3-traceid': T, 'x-b3-spanid': S },
  ],
  ['a decision without ids', { 'x-b3-sampled': '0' }, { traceId: undefined, decision: 'not sampled' }, {}],
  ['debug without ids', { 'x-b3-flags': '1' }, { traceId: undefined, decision: 'sampled' }, {}],
  [
    'b3 is read as well',
    { b3: `${T}-${S}-d` },
    { ...IDS, decision: 'sampled' },
    { 'x-b3-traceid': T, 'x-b3-spanid': S, 'x-b3-flags': '1' },
  ],
  ['malformed: no span id', { 'x-b3-traceid': T, 'x-b3-sampled': '1' }, NONE, {}],
  ['malformed: no trace id', { 'x-b3-spanid': S, 'x-b3-sampled': '1' }, NONE, {}],
  [
    'malformed: a decision that is none',
    { 'x-b3-traceid': T, 'x-b3-spanid': S, 'x-b3-sampled': 'yes' },
    NONE,
    {},
  ],
  ['malformed: "d", which is for b3', { 'x-b3-traceid': T, 'x-b3-spanid': S, 'x-b3-sampled': 'd' }, NONE, {}],
  ['only a parent', { 'x-b3-parentspanid': P }, NONE, {}],
])

check('jaeger', [
  [
    'sampled',
    { 'uber-trace-id': `${T}:${S}:0:1` },
    { ...IDS, decision: 'sampled' },
    { 'uber-trace-id': `${T}:${S}:0:1` },
  ],
  [
    'not sampled',
    { 'uber-trace-id': `${T}:${S}:0:0` },
    { ...IDS, decision: 'not sampled' },
    { 'uber-trace-id': `${T}:${S}:0:0` },
  ],
  [
    'debug',
    { 'uber-trace-id': `${T}:${S}:${P}:3` },
    { ...IDS, decision: 'sampled' },
    { 'uber-trace-id': `${T}:${S}:0:3` },
  ],
  [
    'firehose',
    { 'uber-trace-id': `${T}:${S}:0:09` },
    { ...IDS, decision: 'sampled' },
    { 'uber-trace-id': `${T}:${S}:0:9` },
  ],
  [
    'debug without sampled means nothing',
    { 'uber-trace-id': `${T}:${S}:0:2` },
    { ...IDS, decision: 'not sampled' },
    { 'uber-trace-id': `${T}:${S}:0:0` },
  ],
  [
    'unknown flags stay here',
    { 'uber-trace-id': `${T}:${S}:0:f5` },
    { ...IDS, decision: 'sampled' },
    { 'uber-trace-id': `${T}:${S}:0:1` },
  ],
  [
    'short ids, as senders that leave zeros out write them',
    { 'uber-trace-id': 'abc:1:0:1' },
    { traceId: 'abc'.padStart(32, '0'), spanId: '1'.padStart(16, '0'), decision: 'sampled' },
    { 'uber-trace-id': `${'abc'.padStart(32, '0')}:${'1'.padStart(16, '0')}:0:1` },
  ],
  [
    'URL-encoded',
    { 'uber-trace-id': `${T}%3A${S}%3a0%3A1` },
    { ...IDS, decision: 'sampled' },
    { 'uber-trace-id': `${T}:${S}:0:1` },
  ],
  [
    'upper case',
    { 'uber-trace-id': `${T.toUpperCase()}:${S}:0:1` },
    { ...IDS, decision: 'sampled' },
    { 'uber-trace-id': `${T}:${S}:0:1` },
  ],
  ['baggage', { 'uberctx-user-id': 'a%20b%2C%C3%A4' }, NONE, { 'uberctx-user-id': 'a%20b%2C%C3%A4' }],
  [
    'baggage of a request by hand',
    { 'jaeger-baggage': 'k1=v1, k2 = a=b' },
    NONE,
    { 'uberctx-k1': 'v1', 'uberctx-k2': 'a%3Db' },
  ],
  ['a debug id', { 'jaeger-debug-id': 'case 7' }, { traceId: undefined, decision: 'sampled' }, {}],
  [
    'a debug id beside a trace is nothing',
    { 'uber-trace-id': `${T}:${S}:0:0`, 'jaeger-debug-id': 'case 7' },
    { ...IDS, decision: 'not sampled' },
    { 'uber-trace-id': `${T}:${S}:0:0` },
  ],
  ...[
    '',
    ':::',
    `${T}:${S}:0`,
    `${T}:${S}:0:1:1`,
    `${T}:${S}:0:`,
    `${T}:${S}:0:001`,
    `${T}:${S}:0:x`,
    `0:${S}:0:1`,
    `${T}:0:0:1`,
    `${T}1:${S}:0:1`,
    `${T}:${S}1:0:1`,
    `x${T.slice(1)}:${S}:0:1`,
    `${T}:${S}:0:1, ${T}:${S}:0:1`,
  ].map((value): Vector => [`malformed: ${value}`, { 'uber-trace-id': value }, NONE, {}]),
])

const ROOT = `1-${T.slice(0, 8)}-${T.slice(8)}`
const amzn = (value: string): Headers => ({ 'x-amzn-trace-id': value })

check('xray', [
  [
    'sampled',
    amzn(`Root=${ROOT};Parent=${S};Sampled=1`),
    { ...IDS, decision: 'sampled' },
    amzn(`Root=${ROOT};Parent=${S};Sampled=1`),
  ],
  [
    'not sampled',
    amzn(`Root=${ROOT};Parent=${S};Sampled=0`),
    { ...IDS, decision: 'not sampled' },
    amzn(`Root=${ROOT};Parent=${S};Sampled=0`),
  ],
  [
    'the decision is ours',
    amzn(`Root=${ROOT};Parent=${S};Sampled=?`),
    { ...IDS, decision: 'deferred' },
    amzn(`Root=${ROOT};Parent=${S};Sampled=?`),
  ],
  [
    'no word about a decision',
    amzn(`Root=${ROOT};Parent=${S}`),
    { ...IDS, decision: 'deferred' },
    amzn(`Root=${ROOT};Parent=${S};Sampled=?`),
  ],
  [
    'any order, any case of keys, spaces, and fields that are not known',
    amzn(
      ` sampled=1 ; Lineage=a87bd80c:1|68fd508a:5 ;PARENT=${S}; root=${ROOT};Self=1-67891234-12456789abcdef012345678; New=x `,
    ),
    { ...IDS, decision: 'sampled' },
    amzn(`Root=${ROOT};Parent=${S};Sampled=1;Lineage=a87bd80c:1|68fd508a:5;New=x`),
  ],
  [
    'only a root: a trace with an id and no span',
    amzn(`Root=${ROOT}`),
    { traceId: T, decision: 'deferred' },
    {},
  ],
  ['a root and a decision', amzn(`Root=${ROOT};Sampled=0`), { traceId: T, decision: 'not sampled' }, {}],
  [
    'unknown fields up to 256 bytes',
    amzn(`Root=${ROOT};Parent=${S};Sampled=1;a=${'x'.repeat(300)};b=2`),
    { ...IDS, decision: 'sampled' },
    amzn(`Root=${ROOT};Parent=${S};Sampled=1;b=2`),
  ],
  [
    'what is not visible ASCII stays here',
    amzn(`Root=${ROOT};Parent=${S};Sampled=1;a=ä;b= c d`),
    { ...IDS, decision: 'sampled' },
    amzn(`Root=${ROOT};Parent=${S};Sampled=1`),
  ],
  ...[
    '',
    'Root',
    `Root=${ROOT.slice(1)};Parent=${S};Sampled=1`,
    `Root=2${ROOT.slice(1)};Parent=${S};Sampled=1`,
    `Root=${ROOT}0;Parent=${S};Sampled=1`,
    `Root=${T};Parent=${S};Sampled=1`,
    `Root=1-${'0'.repeat(8)}-${'0'.repeat(24)};Parent=${S};Sampled=1`,
    `Root=${ROOT};Parent=${S.slice(1)};Sampled=1`,
    `Root=${ROOT};Parent=${'0'.repeat(16)};Sampled=1`,
    `Root=${ROOT};Parent=${'z'.repeat(16)};Sampled=1`,
    `Parent=${S};Sampled=1`,
  ].map((value): Vector => [`malformed: ${value}`, amzn(value), NONE, {}]),
])

// What goes in and what comes out is what dd-trace 5.132 makes of the same headers.
const DD = { 'x-datadog-trace-id': '9532127138774266268', 'x-datadog-parent-id': '13235353014750950193' }
const ddSeen = (decision: string, tid = '0'.repeat(16)) => ({
  traceId: tid + BigInt(DD['x-datadog-trace-id']).toString(16).padStart(16, '0'),
  spanId: BigInt(DD['x-datadog-parent-id']).toString(16).padStart(16, '0'),
  decision,
})

check('datadog', [
  [
    'keep',
    { ...DD, 'x-datadog-sampling-priority': '1' },
    ddSeen('sampled'),
    { ...DD, 'x-datadog-sampling-priority': '1' },
  ],
  [
    'user keep',
    { ...DD, 'x-datadog-sampling-priority': '2' },
    ddSeen('sampled'),
    { ...DD, 'x-datadog-sampling-priority': '2' },
  ],
  [
    'reject',
    { ...DD, 'x-datadog-sampling-priority': '0' },
    ddSeen('not sampled'),
    { ...DD, 'x-datadog-sampling-priority': '0' },
  ],
  [
    'user reject',
    { ...DD, 'x-datadog-sampling-priority': '-1' },
    ddSeen('not sampled'),
    { ...DD, 'x-datadog-sampling-priority': '-1' },
  ],
  ['no priority', DD, ddSeen('deferred'), DD],
  ['a priority that is none', { ...DD, 'x-datadog-sampling-priority': '7' }, ddSeen('deferred'), DD],
  [
    '128 bits, origin and tags',
    {
      ...DD,
      'x-datadog-sampling-priority': '2',
      'x-datadog-origin': 'rum',
      'x-datadog-tags': '_dd.p.dm=-4,_dd.p.tid=640cfd8d00000000,_dd.p.usr=dXNlcg==',
    },
    ddSeen('sampled', '640cfd8d00000000'),
    {
      ...DD,
      'x-datadog-sampling-priority': '2',
      'x-datadog-origin': 'rum',
      'x-datadog-tags': '_dd.p.tid=640cfd8d00000000,_dd.p.dm=-4,_dd.p.usr=dXNlcg==',
    },
  ],
  [
    'an upper half that is none is dropped alone',
    { ...DD, 'x-datadog-tags': '_dd.p.tid=nothex0000000000,_dd.p.dm=-1' },
    ddSeen('deferred'),
    { ...DD, 'x-datadog-tags': '_dd.p.dm=-1' },
  ],
  [
    'one malformed tag drops all of them',
    { ...DD, 'x-datadog-tags': '_dd.p.dm=-1,other=1' },
    ddSeen('deferred'),
    DD,
  ],
  [
    'more than 512 characters of tags drop all of them',
    { ...DD, 'x-datadog-tags': `_dd.p.a=${'x'.repeat(510)}` },
    ddSeen('deferred'),
    DD,
  ],
  [
    'the largest ids',
    { 'x-datadog-trace-id': '18446744073709551615', 'x-datadog-parent-id': '18446744073709551615' },
    { traceId: `${'0'.repeat(16)}${'f'.repeat(16)}`, spanId: 'f'.repeat(16), decision: 'deferred' },
    { 'x-datadog-trace-id': '18446744073709551615', 'x-datadog-parent-id': '18446744073709551615' },
  ],
  [
    'parent 0, of a browser: a trace with an id and no span',
    {
      'x-datadog-trace-id': '1',
      'x-datadog-parent-id': '0',
      'x-datadog-sampling-priority': '1',
      'x-datadog-origin': 'rum',
    },
    { traceId: '1'.padStart(32, '0'), decision: 'sampled' },
    {},
  ],
  ['an origin that cannot be sent', { ...DD, 'x-datadog-origin': 'ä' }, ddSeen('deferred'), DD],
  ['baggage', { 'ot-baggage-user': 'a b' }, NONE, { 'ot-baggage-user': 'a b' }],
  ...[
    { ...DD, 'x-datadog-trace-id': '0' },
    { ...DD, 'x-datadog-trace-id': '18446744073709551616' },
    { ...DD, 'x-datadog-trace-id': '-1' },
    { ...DD, 'x-datadog-trace-id': '1e3' },
    { ...DD, 'x-datadog-trace-id': `1, 2` },
    { ...DD, 'x-datadog-parent-id': 'abc' },
    { ...DD, 'x-datadog-parent-id': '9'.repeat(1_000) },
    { 'x-datadog-trace-id': '1' },
    { 'x-datadog-parent-id': '1' },
  ].map((headers): Vector => [`malformed: ${JSON.stringify(headers)}`.slice(0, 90), headers, NONE, {}]),
])

const OT = { 'ot-tracer-traceid': LOW, 'ot-tracer-spanid': S }

check('ottrace', [
  [
    'sampled',
    { ...OT, 'ot-tracer-sampled': 'true' },
    { traceId: PADDED, spanId: S, decision: 'sampled' },
    { ...OT, 'ot-tracer-sampled': 'true' },
  ],
  [
    'not sampled',
    { ...OT, 'ot-tracer-sampled': 'false' },
    { traceId: PADDED, spanId: S, decision: 'not sampled' },
    { ...OT, 'ot-tracer-sampled': 'false' },
  ],
  ['no decision', OT, { traceId: PADDED, spanId: S, decision: 'deferred' }, OT],
  [
    '128 bits are read, 64 are sent',
    { ...OT, 'ot-tracer-traceid': T, 'ot-tracer-sampled': 'true' },
    { ...IDS, decision: 'sampled' },
    { ...OT, 'ot-tracer-sampled': 'true' },
  ],
  [
    'baggage, also beside a trace',
    { ...OT, 'ot-baggage-Tenant': 'acme', 'ot-baggage-empty': '' },
    { traceId: PADDED, spanId: S, decision: 'deferred' },
    { ...OT, 'ot-baggage-tenant': 'acme', 'ot-baggage-empty': '' },
  ],
  ['malformed: no span', { 'ot-tracer-traceid': LOW }, NONE, {}],
  ['malformed: a decision that is none', { ...OT, 'ot-tracer-sampled': 'maybe' }, NONE, {}],
  ['malformed: zero', { ...OT, 'ot-tracer-traceid': '0' }, NONE, {}],
])

const MESH = {
  'x-request-id': 'f1a7e6c0-1f0e-9c1d-8f8a-000000000000',
  'x-b3-traceid': T,
  'x-b3-spanid': S,
  'x-b3-sampled': '1',
  traceparent: `00-${T}-${S}-01`,
  'x-ot-span-context': 'abc==',
}

describe('envoy', () => {
  test('the headers of the mesh go through unchanged, and nothing else does', () => {
    use('envoy')
    assert.deepEqual(
      passOn({ ...MESH, cookie: 'secret', authorization: 'secret', 'x-request-id-2': '1' }),
      MESH,
    )
    assert.deepEqual(seen(MESH), {})
  })
  test('headers of another propagator are that one’s', () => {
    use('tracecontext', 'envoy')
    const span = trace.wrapSpanContext({ traceId: T, spanId: P, traceFlags: 1 })
    const headers = sent(withSpan(extractContext(MESH), span))
    assert.deepEqual(headers, { ...MESH, traceparent: `00-${T}-${P}-01` })
    use('envoy', 'b3multi')
    assert.equal(sent(withSpan(extractContext(MESH), span))['x-b3-spanid'], P)
    assert.equal(sent(withSpan(extractContext(MESH), span))['traceparent'], MESH.traceparent)
  })
  test('what is too long or cannot be sent stays here, and nothing goes out while tracing is suppressed', () => {
    use('envoy')
    assert.deepEqual(passOn({ 'x-request-id': 'x'.repeat(513), tracestate: 'ä', b3: '' }), {})
    assert.deepEqual(sent(suppressTracing(extractContext(MESH))), {})
  })
})

describe('what all of them keep to', () => {
  const names = ['b3', 'b3multi', 'jaeger', 'xray', 'datadog', 'ottrace']
  const span = trace.wrapSpanContext({ traceId: T, spanId: S, traceFlags: 1 })

  for (const name of names) {
    test(`${name}: every header that is sent is among the fields, or has one of the prefixes`, () => {
      use(name)
      const baggage = new BaggageList(new Map([['user', { value: 'u' }]]))
      const headers = sent(withBaggage(withSpan(rootContext, span), baggage))
      assert.ok(Object.keys(headers).length > 0)
      const fields = currentPropagator().fields()
      const { prefixes = [] } = currentPropagator() as HeaderPropagator
      for (const header of Object.keys(headers))
        assert.ok(fields.includes(header) || prefixes.some((prefix) => header.startsWith(prefix)), header)
    })
    test(`${name}: nothing is sent without a valid span, or while tracing is suppressed`, () => {
      use(name)
      assert.deepEqual(sent(rootContext), {})
      assert.deepEqual(sent(suppressTracing(withSpan(rootContext, span))), {})
      const invalid = trace.wrapSpanContext({ traceId: '0'.repeat(32), spanId: S, traceFlags: 1 })
      assert.deepEqual(sent(withSpan(rootContext, invalid)), {})
    })
  }

  test('what came with one trace does not go out with another', () => {
    const other = trace.wrapSpanContext({ traceId: 'c'.repeat(32), spanId: S, traceFlags: 1 })
    const cases: [string, Headers, Headers][] = [
      ['b3', { b3: `${T}-${S}-d` }, { b3: `${'c'.repeat(32)}-${S}-1` }],
      ['jaeger', { 'uber-trace-id': `${T}:${S}:0:3` }, { 'uber-trace-id': `${'c'.repeat(32)}:${S}:0:1` }],
      [
        'xray',
        amzn(`Root=${ROOT};Parent=${S};Sampled=1;Lineage=a:1`),
        amzn(`Root=1-cccccccc-${'c'.repeat(24)};Parent=${S};Sampled=1`),
      ],
    ]
    for (const [name, headers, expected] of cases) {
      use(name)
      assert.deepEqual(sent(withSpan(extractContext(headers), other)), expected)
    }
    use('datadog')
    const headers = {
      ...DD,
      'x-datadog-sampling-priority': '2',
      'x-datadog-origin': 'rum',
      'x-datadog-tags': '_dd.p.dm=-4',
    }
    const otherHeaders = sent(withSpan(extractContext(headers), other))
    assert.equal(otherHeaders['x-datadog-origin'], undefined)
    assert.equal(otherHeaders['x-datadog-sampling-priority'], '1')
    assert.equal(otherHeaders['x-datadog-tags'], `_dd.p.tid=${'c'.repeat(16)}`)
  })

  test('a priority that was decided otherwise here is not sent on', () => {
    use('datadog')
    const ids = ddSeen('sampled')
    const dropped = trace.wrapSpanContext({ traceId: ids.traceId, spanId: S, traceFlags: 0 })
    const kept = trace.wrapSpanContext({ traceId: ids.traceId, spanId: S, traceFlags: 1 })
    const priority = (received: string, span: typeof kept) =>
      sent(withSpan(extractContext({ ...DD, 'x-datadog-sampling-priority': received }), span))[
        'x-datadog-sampling-priority'
      ]
    assert.deepEqual(
      ['2', '1', '0', '-1'].map((received) => [priority(received, kept), priority(received, dropped)]),
      [
        ['2', '0'],
        ['1', '0'],
        ['1', '0'],
        ['1', '-1'],
      ],
    )
  })

  test('a jaeger-debug-id is an attribute to be, and marks the trace for Jaeger', () => {
    use('jaeger')
    const context = extractContext({ 'jaeger-debug-id': 'x'.repeat(1_000) })
    assert.deepEqual(remoteHintOf(spanOf(context)!)?.attributes, { 'jaeger-debug-id': 'x'.repeat(256) })
    assert.equal(sent(withSpan(context, span))['uber-trace-id'], `${T}:${S}:0:3`)
  })

  test('a caller without a span does not take the place of a parent that is there', () => {
    use('b3')
    assert.equal(spanOf(extractContext({ b3: '0' }, withSpan(rootContext, span))), span)
  })

  test('baggage that cannot be sent in a header stays here', () => {
    use('ottrace')
    const entries = new Map([
      ['fine', { value: 'ok' }],
      ['line', { value: 'a\nb' }],
      ['space', { value: ' a' }],
      ['not a token', { value: 'a' }],
      ['big', { value: 'x'.repeat(9_000) }],
    ])
    assert.deepEqual(sent(withBaggage(rootContext, new BaggageList(entries))), { 'ot-baggage-fine': 'ok' })
    use('jaeger')
    assert.deepEqual(sent(withBaggage(rootContext, new BaggageList(entries))), {
      'uberctx-fine': 'ok',
      'uberctx-line': 'a%0Ab',
      'uberctx-space': '%20a',
    })
    assert.equal(
      baggageOf(extractContext({ 'uberctx-a': '%E0%A4%A', 'uberctx-b': '%' }))?.getEntry('b')?.value,
      '%',
    )
  })
})

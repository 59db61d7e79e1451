import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { DEFAULT_PROPAGATORS, extractContext, setDiagnosticSink, spanOf, withSpan } from '@hashira/core'
import { trace } from '@opentelemetry/api'
import fc from 'fast-check'
import { parseB3Single } from '../dist/propagation/b3-header.js'
import { parseDatadogTags } from '../dist/propagation/datadog-tags.js'
import { parseXrayHeader } from '../dist/propagation/xray-header.js'
import { type Headers, sent, use } from './propagation-support'

const lines: string[] = []
setDiagnosticSink((_level, line) => void lines.push(line))
after(() => {
  setDiagnosticSink(undefined)
  use(...DEFAULT_PROPAGATORS)
})

const T = '0af7651916cd43dd8448eb211c80319c'
const S = 'b7ad6b7169203331'
const VALID: Record<string, Headers> = {
  b3: { b3: `${T}-${S}-1` },
  b3multi: { 'x-b3-traceid': T, 'x-b3-spanid': S, 'x-b3-sampled': '1', 'x-b3-flags': '1' },
  jaeger: {
    'uber-trace-id': `${T}:${S}:0:3`,
    'uberctx-user': 'a%20b',
    'jaeger-baggage': 'k=v,l=w',
    'jaeger-debug-id': 'x',
  },
  xray: { 'x-amzn-trace-id': `Root=1-${T.slice(0, 8)}-${T.slice(8)};Parent=${S};Sampled=1;Lineage=a:1|b:2` },
  datadog: {
    'x-datadog-trace-id': '9532127138774266268',
    'x-datadog-parent-id': '13235353014750950193',
    'x-datadog-sampling-priority': '2',
    'x-datadog-origin': 'rum',
    'x-datadog-tags': '_dd.p.tid=640cfd8d00000000,_dd.p.dm=-4',
    'ot-baggage-user': 'u',
  },
  ottrace: {
    'ot-tracer-traceid': T,
    'ot-tracer-spanid': S,
    'ot-tracer-sampled': 'true',
    'ot-baggage-a': 'b',
  },
  envoy: { 'x-request-id': 'r', 'x-ot-span-context': 'c', b3: '1' },
}
const NAMES = Object.keys(VALID)

/** What each header may look like when it leaves: written from the formats, independent of the code. */
const FORMS: [name: RegExp, value: RegExp][] = [
  [/^b3$/, /^[0-9a-f]{32}-[0-9a-f]{16}(-[01d])?$/],
  [/^x-b3-traceid$/, /^[0-9a-f]{32}$/],
  [/^x-b3-spanid$/, /^[0-9a-f]{16}$/],
  [/^x-b3-(sampled|flags)$/, /^[01]$/],
  [/^uber-trace-id$/, /^[0-9a-f]{32}:[0-9a-f]{16}:0:[0-9ab]$/],
  [/^uberctx-[!#$%&'*+.^_`|~0-9a-z-]+$/, /^[\x21-\x7e]*$/],
  [
    /^x-amzn-trace-id$/,
    /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=[01?](;[\x21-\x3a\x3c-\x7e]+)*$/,
  ],
  [/^x-datadog-(trace|parent)-id$/, /^[1-9]\d{0,19}$/],
  [/^x-datadog-sampling-priority$/, /^(-1|0|1|2)$/],
  [/^x-datadog-origin$/, /^[\x20-\x7e]{1,256}$/],
  [/^x-datadog-tags$/, /^(?=.{1,512}$)_dd\.p\.[\x21-\x7e]+=[\x20-\x7e]*$/],
  [/^ot-tracer-(traceid|spanid)$/, /^[0-9a-f]{16}$/],
  [/^ot-tracer-sampled$/, /^(true|false)$/],
  [/^ot-baggage-[!#$%&'*+.^_`|~0-9a-z-]+$/, /^[\t\x20-\x7e\x80-\xff]*$/],
]

function assertWellFormed(headers: Headers): void {
  for (const [name, value] of Object.entries(headers)) {
    const form = FORMS.find(([pattern]) => pattern.test(name))
    assert.ok(form, name)
    assert.match(value, form[1], name)
    // Node accepts it, whatever it is.
    assert.ok(!/[\r\n\0]/.test(value))
  }
}

function passOnAll(name: string, headers: Record<string, string | string[]>): void {
  const context = extractContext(headers)
  const through = sent(context)
  if (name !== 'envoy') assertWellFormed(through)
  // Also with a span of ours below: states travel on with it.
  const parent = spanOf(context)?.spanContext()
  const traceId = parent === undefined || /^0+$/.test(parent.traceId) ? T : parent.traceId
  const below = sent(withSpan(context, trace.wrapSpanContext({ traceId, spanId: S, traceFlags: 1 })))
  if (name !== 'envoy') assertWellFormed(below)
}

const noise = fc.oneof(
  fc.string({
    unit: fc.integer({ min: 0, max: 0xff }).map((code) => String.fromCharCode(code)),
    maxLength: 300,
  }),
  fc.string({
    unit: fc.constantFrom(...'aZ09=,;:%-_ \t?|"\u00e9\ud800', '%3A', '%ff', 'Root=', '_dd.p.'),
    maxLength: 200,
  }),
)

const mutated = (valid: string) =>
  fc
    .array(fc.tuple(fc.nat(), fc.nat(2), fc.integer({ min: 0, max: 0xff })), { maxLength: 3 })
    .map((edits) => {
      let text = valid
      for (const [where, removed, code] of edits) {
        const at = where % (text.length + 1)
        text =
          text.slice(0, at) +
          (removed === 1 ? '' : String.fromCharCode(code)) +
          text.slice(at + (removed === 0 ? 0 : 1))
      }
      return text
    })

describe('any header', () => {
  for (const name of NAMES) {
    test(`${name}: never throws, what is passed on is well-formed, nothing of it is in a warning`, () => {
      use(name)
      const given = fc.record(
        Object.fromEntries(
          Object.entries(VALID[name]!).map(([header, valid]) => [
            header,
            fc.oneof(fc.constant(valid), mutated(valid), noise, fc.array(noise, { maxLength: 3 })),
          ]),
        ),
        { requiredKeys: [] },
      )
      lines.length = 0
      fc.assert(
        fc.property(given, (headers) => passOnAll(name, headers as Record<string, string | string[]>)),
        { numRuns: 2_000, verbose: 1 },
      )
      assert.deepEqual(lines, [])
    })
  }

  test('all propagators at once: an error in none of them reaches the others', () => {
    use('tracecontext', 'baggage', ...NAMES)
    const headers = fc.record(
      Object.fromEntries(
        Object.entries(
          Object.assign({ traceparent: `00-${T}-${S}-01` }, ...Object.values(VALID)) as Headers,
        ).map(([header, valid]) => [header, fc.oneof(mutated(valid), noise)]),
      ),
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(headers, (given) => void sent(extractContext(given as Headers))),
      { numRuns: 1_000, verbose: 1 },
    )
  })

  test('256 KiB of anything is handled', () => {
    const units = [
      ' ',
      ',',
      ';',
      '=',
      ':',
      '%',
      '-',
      'a',
      '0',
      '1',
      'a=1,',
      'a=1;',
      '%3A',
      '_dd.p.a=1,',
      'Root=1-',
      '\u00e9',
      ';a=b',
      '0-',
    ]
    for (const name of NAMES) {
      use(name)
      for (const unit of units) {
        const long = unit.repeat(Math.ceil((256 * 1_024) / unit.length))
        for (const header of Object.keys(VALID[name]!)) {
          for (const value of [long, `${VALID[name]![header]}${long}`, `${long}${VALID[name]![header]}`])
            passOnAll(name, { ...VALID[name]!, [header]: value })
        }
      }
    }
  })

  test('100,000 headers with a prefix are handled, and few are kept', () => {
    const many: Headers = {}
    for (let i = 0; i < 100_000; i++) many[`uberctx-k${i}`] = many[`ot-baggage-k${i}`] = 'v'.repeat(20)
    for (const name of ['jaeger', 'datadog', 'ottrace']) {
      use(name)
      const headers = sent(extractContext(many))
      assert.ok(Object.keys(headers).length <= 180)
    }
  })

  test('a header that is too long is not even read', () => {
    const unread = (text: string) =>
      new Proxy(new String(text), {
        get: (target, key) => {
          assert.ok(
            key === 'length' || key === Symbol.toPrimitive || key === 'valueOf',
            `${String(key)} was read`,
          )
          return key === 'length' ? target.length : undefined
        },
      }) as unknown as string
    for (const unit of ['a', '-', ';', '=', ',', '_dd.p.a=1,']) {
      const long = unread(unit.repeat(8_192))
      assert.equal(parseB3Single(long), undefined)
      assert.equal(parseXrayHeader(long), undefined)
      assert.deepEqual(parseDatadogTags(long), { tid: undefined, others: '' })
    }
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  extractContext,
  formatTraceParent,
  formatTraceState,
  injectHeaders,
  parseTraceParent,
  parseTraceState,
  rootContext,
  spanOf,
  suppressTracing,
  W3cTraceContextPropagator,
  W3cTraceState,
  withSpan,
} from '@hashira/core'
import { createTraceState, trace } from '@opentelemetry/api'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'
const VALID = `00-${TRACE}-${SPAN}-01`
/** 0x20 to 0x7e but `,` and `=`; not the space, which must not come last. */
const VALUE_CHARACTERS = Array.from({ length: 0x7e - 0x20 }, (_, i) => String.fromCharCode(0x21 + i))
  .filter((character) => character !== ',' && character !== '=')
  .join('')

/** What goes out when a request with these headers is passed on within the same span. */
function passOn(headers: Record<string, string | string[]>): Record<string, string> {
  const sent: Record<string, string> = {}
  injectHeaders(extractContext(headers), (name, value) => {
    sent[name] = value
  })
  return sent
}

describe('traceparent (W3C Trace Context level 2)', () => {
  const accepted: [rule: string, header: string, sent: string][] = [
    ['as specified', VALID, VALID],
    ['not sampled', `00-${TRACE}-${SPAN}-00`, `00-${TRACE}-${SPAN}-00`],
    ['random flag kept', `00-${TRACE}-${SPAN}-02`, `00-${TRACE}-${SPAN}-02`],
    ['sampled and random', `00-${TRACE}-${SPAN}-03`, `00-${TRACE}-${SPAN}-03`],
    ['unknown flags are cleared', `00-${TRACE}-${SPAN}-ff`, `00-${TRACE}-${SPAN}-03`],
    ['unknown flags are cleared, none known', `00-${TRACE}-${SPAN}-fc`, `00-${TRACE}-${SPAN}-00`],
    ['white space around', ` \t${VALID}\t `, VALID],
    ['version 01 like 00', `01-${TRACE}-${SPAN}-01`, VALID],
    ['version cc like 00', `cc-${TRACE}-${SPAN}-01`, VALID],
    ['version fe like 00', `fe-${TRACE}-${SPAN}-01`, VALID],
    ['a later version with more', `cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`, VALID],
    ['a later version with an empty rest', `01-${TRACE}-${SPAN}-01-`, VALID],
    [
      'an id padded from 64 bits',
      `00-0000000000000000${SPAN}-${SPAN}-01`,
      `00-0000000000000000${SPAN}-${SPAN}-01`,
    ],
  ]
  for (const [rule, header, sent] of accepted) {
    test(`${rule}: ${JSON.stringify(header)}`, () =>
      assert.deepEqual(passOn({ traceparent: header }), { traceparent: sent }))
  }

  const refused: [rule: string, header: string][] = [
    ['empty', ''],
    ['white space', ' \t '],
    ['two headers joined', `${VALID},${VALID}`],
    ['two headers joined by Node', `${VALID}, 00-${TRACE}-00f067aa0ba902b7-01`],
    ['two headers of a later version', `cc-${TRACE}-${SPAN}-01-x, cc-${TRACE}-${SPAN}-01-x`],
    ['version ff', `ff-${TRACE}-${SPAN}-01`],
    ['version ff with more', `ff-${TRACE}-${SPAN}-01-x`],
    ...['.0', '0.', 'FF', '0', '1', '001', '', '0x', 'xx', ' 0', '0 '].map((version): [string, string] => [
      `version "${version}"`,
      `${version}-${TRACE}-${SPAN}-01`,
    ]),
    ...['-', '-extra', '.', '0', '-01-01', ' x'].map((rest): [string, string] => [
      `version 00 then "${rest}"`,
      `${VALID}${rest}`,
    ]),
    ...['.', 'x', '0', ' x'].map((rest): [string, string] => [
      `version cc then "${rest}"`,
      `cc-${TRACE}-${SPAN}-01${rest}`,
    ]),
    ['trace id zero', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['trace id not hex', `00-${TRACE.slice(1)}g-${SPAN}-01`],
    ['trace id with a dot', `00-.${TRACE.slice(1)}-${SPAN}-01`],
    ['trace id upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['trace id of 31', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['trace id of 33', `00-${TRACE}0-${SPAN}-01`],
    ['parent id zero', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['parent id not hex', `00-${TRACE}-${SPAN.slice(1)}.-01`],
    ['parent id upper case', `00-${TRACE}-${SPAN.toUpperCase()}-01`],
    ['parent id of 15', `00-${TRACE}-${SPAN.slice(1)}-01`],
    ['parent id of 17', `00-${TRACE}-${SPAN}0-01`],
    ['flags not hex', `00-${TRACE}-${SPAN}-.0`],
    ['flags upper case', `00-${TRACE}-${SPAN}-0A`],
    ['flags of 1', `00-${TRACE}-${SPAN}-1`],
    ['flags of 3', `00-${TRACE}-${SPAN}-001`],
    ['flags missing', `00-${TRACE}-${SPAN}`],
    ['flags missing after the dash', `00-${TRACE}-${SPAN}-`],
    ['other separators', VALID.replaceAll('-', '_')],
    ['characters beyond ASCII', `00-${TRACE.slice(1)}é-${SPAN}-01`],
    ['a character whose low byte is a digit', `00-${TRACE.slice(1)}\u0130-${SPAN}-01`],
  ]
  for (const [rule, header] of refused) {
    test(`refused, with its tracestate: ${rule}`, () => {
      assert.equal(parseTraceParent(header), undefined)
      assert.deepEqual(passOn({ traceparent: header, tracestate: 'foo=1' }), {})
    })
  }

  test('a list of two headers is refused, of one is read', () => {
    assert.deepEqual(passOn({ traceparent: [VALID, VALID] }), {})
    assert.deepEqual(passOn({ traceparent: [VALID] }), { traceparent: VALID })
  })

  test('absent: the parent context itself comes back, whatever tracestate says', () => {
    assert.equal(extractContext({}), rootContext)
    assert.equal(extractContext({ host: 'a', 'trace-parent': VALID, 'trace.parent': VALID }), rootContext)
    assert.equal(extractContext({ tracestate: 'foo=1' }), rootContext)
    const parent = withSpan(rootContext, trace.wrapSpanContext(parseTraceParent(VALID)!))
    assert.equal(extractContext({}, parent), parent)
    assert.equal(extractContext({ traceparent: 'bad' }, parent), parent)
  })

  test('the extracted span context is remote', () => {
    assert.deepEqual(spanOf(extractContext({ traceparent: VALID }))?.spanContext(), {
      traceId: TRACE,
      spanId: SPAN,
      traceFlags: 1,
      isRemote: true,
    })
  })

  test('values that are not text are ignored', () => {
    for (const value of [7, null, {}, [], [7], () => VALID]) {
      assert.equal(extractContext({ traceparent: value as string }), rootContext)
    }
  })

  test('nothing is sent for ids that are not valid, nor while tracing is suppressed', () => {
    const valid = { traceId: TRACE, spanId: SPAN, traceFlags: 1 }
    assert.equal(formatTraceParent(valid), VALID)
    for (const bad of [
      { traceId: TRACE.toUpperCase() },
      { traceId: '0'.repeat(32) },
      { spanId: '' },
      { spanId: 7 as never },
    ]) {
      assert.equal(formatTraceParent({ ...valid, ...bad }), undefined)
    }
    const context = suppressTracing(withSpan(rootContext, trace.wrapSpanContext(valid)))
    injectHeaders(context, () => assert.fail('suppressed'))
  })

  test('any carrier, through the interface of @opentelemetry/api', () => {
    const propagator = new W3cTraceContextPropagator()
    const carrier = new Map([['traceparent', VALID]])
    const getter = {
      keys: (map: typeof carrier) => [...map.keys()],
      get: (map: typeof carrier, key: string) => map.get(key),
    }
    const context = propagator.extract(rootContext, carrier, getter)
    const sent = new Map<string, string>()
    propagator.inject(context, sent, { set: (map, key, value) => map.set(key, value) })
    assert.deepEqual([...sent], [...carrier])
    assert.deepEqual(propagator.fields(), ['traceparent', 'tracestate'])
  })
})

describe('tracestate', () => {
  const k256 = 'k'.repeat(256)
  const members = (count: number) => Array.from({ length: count }, (_, i) => `bar${i}=${i}`).join(',')
  const accepted: [rule: string, header: string, sent: string | undefined][] = [
    ['one', 'foo=1', 'foo=1'],
    ['two', 'foo=1,bar=2', 'foo=1,bar=2'],
    ['white space around members', ' foo=1 \t, \tbar=2 ', 'foo=1,bar=2'],
    ['empty members', 'foo=1,,,bar=2,', 'foo=1,bar=2'],
    ['members of white space', 'foo=1, \t ,bar=2', 'foo=1,bar=2'],
    ['empty', '', undefined],
    ['white space only', ' , \t', undefined],
    ['all characters of a key', 'foo-_*/bar=1', 'foo-_*/bar=1'],
    ['a key that starts with a digit', '0a=1', '0a=1'],
    ['a tenant', 'fw529a3039@dt=1', 'fw529a3039@dt=1'],
    ['level 2: @ anywhere but first', 'foo@=1,foo@@bar=2,foo@bar@baz=3', 'foo@=1,foo@@bar=2,foo@bar@baz=3'],
    ['a key of 256', `${k256}=1`, `${k256}=1`],
    ['a value of 256', `a=${'v'.repeat(256)}`, `a=${'v'.repeat(256)}`],
    ['spaces within and before a value', 'foo= a b', 'foo= a b'],
    ['all characters of a value', `foo=${VALUE_CHARACTERS}`, `foo=${VALUE_CHARACTERS}`],
    ['32 members', members(32), members(32)],
    ['of equal keys the first', 'foo=1,bar=2,foo=3', 'foo=1,bar=2'],
    ['keys that begin alike', 'foo=1,foo1=2,fo=3', 'foo=1,foo1=2,fo=3'],
    [
      '512 characters and more',
      members(32).replace('bar0=0', `bar0=${'v'.repeat(256)}`),
      members(32).replace('bar0=0', `bar0=${'v'.repeat(256)}`),
    ],
  ]
  for (const [rule, header, sent] of accepted) {
    test(`kept: ${rule}`, () => {
      const expected = sent === undefined ? { traceparent: VALID } : { traceparent: VALID, tracestate: sent }
      assert.deepEqual(passOn({ traceparent: VALID, tracestate: header }), expected)
    })
  }

  const refused: [rule: string, member: string][] = [
    ['no =', 'foo'],
    ['no key', '=1'],
    ['no value', 'foo='],
    ['a value of spaces', 'foo=  '],
    ['space before =', 'foo =1'],
    ['tab before =', 'foo\t=1'],
    ['= in a value', 'foo=1=2'],
    ['upper case', 'FOO=1'],
    ['upper case within', 'fOo=1'],
    ['a dot', 'foo.bar=1'],
    ['starts with @', '@foo=1'],
    ['starts with _', '_foo=1'],
    ['starts with -', '-foo=1'],
    ['a key of 257', `${k256}k=1`],
    ['a value of 257', `a=${'v'.repeat(257)}`],
    ['a tab in a value', 'foo=a\tb'],
    ['a control character', 'foo=a\u0000b'],
    ['DEL', 'foo=\u007f'],
    ['beyond ASCII', 'foo=é'],
    ['a key beyond ASCII', 'foé=1'],
  ]
  for (const [rule, member] of refused) {
    test(`discarded whole, traceparent kept: ${rule}`, () => {
      for (const tracestate of [member, `bar=2,${member}`, `${member},bar=2`]) {
        assert.deepEqual(passOn({ traceparent: VALID, tracestate }), { traceparent: VALID })
      }
    })
  }

  test('discarded whole: 33 members', () => {
    assert.deepEqual(passOn({ traceparent: VALID, tracestate: members(33) }), { traceparent: VALID })
  })

  test('several headers are one, in their order', () => {
    assert.equal(
      passOn({ traceparent: VALID, tracestate: ['foo=1', '', 'bar=2,baz=3'] })['tracestate'],
      'foo=1,bar=2,baz=3',
    )
    assert.equal(passOn({ traceparent: VALID, tracestate: ['foo=1', 'bad'] })['tracestate'], undefined)
  })

  test('set moves to the front, unset removes, get reads; the original stays', () => {
    const state = parseTraceState('foo=1,bar=2,baz=3')!
    assert.equal(state.get('bar'), '2')
    assert.equal(state.get('ba'), undefined)
    assert.equal(state.set('bar', 'x').serialize(), 'bar=x,foo=1,baz=3')
    assert.equal(state.set('new', 'x').serialize(), 'new=x,foo=1,bar=2,baz=3')
    assert.equal(state.unset('foo').serialize(), 'bar=2,baz=3')
    assert.equal(state.serialize(), 'foo=1,bar=2,baz=3')
    assert.equal(new W3cTraceState().set('a', 'b').serialize(), 'a=b')
  })

  test('set refuses what W3C does not allow, and keeps 32', () => {
    const state = parseTraceState(members(32))!
    for (const [key, value] of [
      ['BAD', '1'],
      ['a=b', '1'],
      ['a,b', '1'],
      ['a', ''],
      ['a', 'x,y'],
      ['a', 'x=y'],
      ['a', 'x '],
      ['', '1'],
      ['a', 'x\r\ny'],
    ]) {
      assert.equal(state.set(key!, value!), state)
    }
    const added = state.set('new', '1').serialize().split(',')
    assert.equal(added.length, 32)
    assert.equal(added[0], 'new=1')
    assert.equal(added.at(-1), 'bar30=30')
  })

  test('above 4,096 characters whole members go: long ones first, then from the right', () => {
    const long = (key: string) => `${key}=${'v'.repeat(250)}`
    const short = Array.from({ length: 16 }, (_, i) => `s${i}=${'v'.repeat(100)}`)
    const mixed = [long('l0'), ...short, ...Array.from({ length: 15 }, (_, i) => long(`l${i + 1}`))]
    const sent = passOn({ traceparent: VALID, tracestate: mixed.join(',') })['tracestate']!
    assert.ok(sent.length > 3_800 && sent.length <= 4_096)
    for (const member of short) assert.ok(sent.includes(member))
    for (const member of sent.split(',')) assert.ok(mixed.includes(member))
  })

  test('another implementation of the interface is sent when it is well-formed', () => {
    assert.equal(formatTraceState(createTraceState('foo=1,bar=2')), 'foo=1,bar=2')
    const bad = { serialize: () => 'foo=1\r\nx: y' } as unknown as W3cTraceState
    assert.equal(formatTraceState(bad), undefined)
  })
})

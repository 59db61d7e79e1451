import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { extractContext, injectHeaders, parseBaggage, parseTraceParent, parseTraceState } from '@hashira/core'
import fc from 'fast-check'

// Written from the grammars of the specifications, independent of the parser.
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[0-3]$/
const STATE_KEY = '[a-z0-9][a-z0-9_\\-*/@]{0,255}'
const STATE_VALUE = '[\\x20-\\x2b\\x2d-\\x3c\\x3e-\\x7e]{0,255}[\\x21-\\x2b\\x2d-\\x3c\\x3e-\\x7e]'
const TRACESTATE_MEMBER = new RegExp(`^${STATE_KEY}=${STATE_VALUE}$`)
const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+"
const OCTETS = '[\\x21\\x23-\\x2b\\x2d-\\x3a\\x3c-\\x5b\\x5d-\\x7e]*'
const BAGGAGE_MEMBER = new RegExp(`^${TOKEN}=${OCTETS}(;${TOKEN}(=${OCTETS})?)*$`)

function assertWellFormed(name: string, value: string): void {
  const members = value.split(',')
  if (name === 'traceparent') assert.match(value, TRACEPARENT)
  else if (name === 'tracestate') {
    assert.ok(members.length <= 32 && value.length <= 4_096)
    for (const member of members) assert.match(member, TRACESTATE_MEMBER)
    assert.equal(new Set(members.map((member) => member.split('=')[0])).size, members.length)
  } else {
    assert.equal(name, 'baggage')
    assert.ok(members.length <= 180 && value.length <= 8_192)
    for (const member of members) assert.match(member, BAGGAGE_MEMBER)
  }
}

function passOn(headers: Record<string, string | string[]>): Record<string, string> {
  const sent: Record<string, string> = {}
  injectHeaders(extractContext(headers), (name, value) => {
    assertWellFormed(name, value)
    sent[name] = value
  })
  return sent
}

const VALID = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const latin1 = fc.string({
  unit: fc.integer({ min: 0, max: 0xff }).map((code) => String.fromCharCode(code)),
  maxLength: 300,
})
const structured = fc.string({
  unit: fc.constantFrom(...'aZ09=,;% \t-_@"\\\u00e9\ud800', '%41', '%ff', 'k=v', '00-'),
  maxLength: 200,
})
const noise = fc.oneof(latin1, structured, fc.string({ maxLength: 100 }))

/** A valid header with a few characters replaced, inserted or taken out. */
const mutated = (valid: fc.Arbitrary<string>) =>
  fc
    .tuple(
      valid,
      fc.array(fc.tuple(fc.nat(), fc.nat(2), fc.integer({ min: 0, max: 0xff })), { maxLength: 3 }),
    )
    .map(([text, edits]) => {
      let result = text
      for (const [where, removed, code] of edits) {
        const at = where % (result.length + 1)
        result =
          result.slice(0, at) +
          (removed === 1 ? '' : String.fromCharCode(code)) +
          result.slice(at + (removed === 0 ? 0 : 1))
      }
      return result
    })

const traceparent = fc.oneof(noise, mutated(fc.constant(VALID)))
const tracestate = fc.oneof(
  noise,
  mutated(
    fc
      .array(
        fc.tuple(
          fc.stringMatching(/^[a-z0-9][a-z0-9_*/@-]{0,20}$/),
          fc.stringMatching(/^[a-z0-9:;.]{1,40}$/),
        ),
        { maxLength: 35 },
      )
      .map((pairs) => pairs.map((pair) => pair.join('=')).join(',')),
  ),
)
const baggage = fc.oneof(
  noise,
  mutated(
    fc
      .array(
        fc.tuple(
          fc.stringMatching(/^[a-zA-Z0-9!#$%&'*+.^_`|~-]{1,20}$/),
          fc.stringMatching(/^[a-zA-Z0-9%/=]{0,40}$/),
        ),
        { maxLength: 100 },
      )
      .map((pairs) => pairs.map((pair) => pair.join('=')).join(' , ')),
  ),
)

describe('any header', () => {
  test('never throws, and what is passed on is well-formed', () => {
    const headers = fc.record({
      traceparent: fc.oneof(fc.constant(VALID), traceparent),
      tracestate: fc.oneof(tracestate, fc.array(tracestate, { maxLength: 3 })),
      baggage: fc.oneof(baggage, fc.array(baggage, { maxLength: 3 })),
    })
    fc.assert(
      fc.property(headers, (given) => void passOn(given)),
      { numRuns: 6_000, verbose: 1 },
    )
  })

  test('passing on twice changes nothing more', () => {
    const headers = fc.record({ traceparent: fc.constant(VALID), tracestate, baggage })
    fc.assert(
      fc.property(headers, (given) => {
        const once = passOn(given)
        assert.deepEqual(passOn(once), once)
      }),
      { numRuns: 2_000, verbose: 1 },
    )
  })

  test('256 KiB of anything is handled', () => {
    const size = 256 * 1_024
    const units = [
      ' ',
      '\t',
      ',',
      ';',
      '=',
      '%',
      '-',
      'a',
      'a=1,',
      'a=1;',
      ' ,',
      ';p',
      '%2',
      '%ff',
      '\u00e9',
      'a=;',
      `${VALID},`,
      `${VALID}-`,
      'cc-',
      ' a',
    ]
    for (const unit of units) {
      const long = unit.repeat(Math.ceil(size / unit.length))
      for (const header of [
        long,
        `k=${long}`,
        `k=v;${long}`,
        `${long}k=v`,
        `${VALID}${long}`,
        `cc${VALID.slice(2)}-${long}`,
      ]) {
        passOn({ traceparent: header, tracestate: header, baggage: header })
        passOn({ traceparent: VALID, tracestate: header, baggage: header })
      }
    }
  })

  test('an oversized header costs in proportion to its length', () => {
    // Characters read, not time: a string that counts its reads stands in for the header.
    const reads = (parse: (header: string) => unknown, size: number) => {
      let count = 0
      const text = ' ,'.repeat(size / 2)
      const counted = new Proxy(new String(text), {
        get(target, key) {
          const value = Reflect.get(target, key) as unknown
          if (typeof value !== 'function') return value
          return (...args: unknown[]) => {
            const result = (value as (...args: unknown[]) => unknown).apply(text, args)
            if (key === 'charCodeAt') count++
            if (key === 'indexOf')
              count += Number(result) < 0 ? text.length : Number(result) - Number(args[1] ?? 0)
            return result
          }
        },
      }) as unknown as string
      parse(counted)
      return count
    }
    for (const parse of [parseTraceParent, parseTraceState, parseBaggage]) {
      const [small, large] = [reads(parse, 64 * 1_024), reads(parse, 256 * 1_024)]
      assert.ok(small > 0, parse.name)
      assert.ok(large <= small * 4.1, `${parse.name}: ${small} reads of 64 KiB, ${large} of 256 KiB`)
    }
  })
})

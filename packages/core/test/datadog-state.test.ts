import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type DatadogState, parseDatadogMember, parseTraceState } from '@hashira/core'
import fc from 'fast-check'
import { formatDatadogMember } from '../dist/propagation/datadog-state.js'

const NOTHING: DatadogState = { priority: undefined, origin: '', tags: '' }

describe("Datadog's member of a tracestate", () => {
  const cases: readonly [string, DatadogState, string | undefined][] = [
    ['nothing', NOTHING, undefined],
    ['a priority', { ...NOTHING, priority: -1 }, 's:-1'],
    [
      'all',
      { priority: 2, origin: 'rum', tags: '_dd.p.dm=-4,_dd.p.usr=dXNlcg==' },
      's:2;o:rum;t.dm:-4;t.usr:dXNlcg~~',
    ],
    ['what must not be in it', { ...NOTHING, origin: 'a,b;c=d~e ' }, 'o:a_b_c~d_e'],
    ['a key that is more than one', { ...NOTHING, tags: '_dd.p.a:b;c=d' }, 't.a_b_c:d'],
    [
      'more than 256 characters: what fits, whole',
      { priority: 1, origin: '', tags: `_dd.p.long=${'x'.repeat(250)},_dd.p.dm=-1` },
      's:1;t.dm:-1',
    ],
  ]
  for (const [what, state, member] of cases)
    test(`writes ${what}`, () => assert.equal(formatDatadogMember(state), member))

  test('reads what dd-trace writes, and leaves out what it does not know', () => {
    assert.deepEqual(
      parseDatadogMember('s:2;o:rum;p:00f067aa0ba902b7;t.dm:-4;t.usr:dXNlcg~~;t.tid:1;x;t.:1'),
      {
        priority: 2,
        origin: 'rum',
        tags: '_dd.p.dm=-4,_dd.p.usr=dXNlcg==',
      },
    )
    for (const member of ['', ';', 's:7', 's:', 'o', ':', 't.a b:c'])
      assert.deepEqual(parseDatadogMember(member), NOTHING, member)
  })

  test('whatever a header may say is a member that W3C allows, and is read again', () => {
    const ascii = fc.string({
      unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    })
    const tag = fc
      .tuple(ascii, ascii)
      .map(([key, value]) => `_dd.p.${key.replace(/[\s,=]/g, '')}x=${value.replaceAll(',', '')}`)
    const state = fc.record({
      priority: fc.constantFrom(undefined, -1, 0, 1, 2),
      origin: ascii,
      tags: fc.array(tag, { maxLength: 4 }).map((tags) => tags.join(',')),
    })
    const property = fc.property(state, (given) => {
      const member = formatDatadogMember(given)
      if (member === undefined) return
      assert.ok(parseTraceState(`dd=${member}`), member)
      const read = parseDatadogMember(member)
      assert.equal(read.priority, given.priority)
      // Reading and writing it once more changes nothing.
      assert.equal(formatDatadogMember(read), member)
    })
    fc.assert(property, { numRuns: 2_000 })
  })
})

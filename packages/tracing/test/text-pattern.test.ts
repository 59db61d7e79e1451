import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { rootContext } from '@hashira/core'
import { rulesSampler, type SamplingRule } from '@hashira/tracing'
import { SamplingDecision, SpanKind } from '@opentelemetry/api'
import fc from 'fast-check'

/** Whether a rule that drops everything is about this path. */
function isAbout(rule: SamplingRule, path: string, name = 'GET'): boolean {
  const sampler = rulesSampler([{ ...rule, ratio: 0 }])
  const attributes = { 'url.path': path }
  const { decision } = sampler.shouldSample(
    rootContext,
    'a'.repeat(32),
    name,
    SpanKind.SERVER,
    attributes,
    [],
  )
  return decision === SamplingDecision.NOT_RECORD
}

describe('patterns of sampling rules', () => {
  it('a path that a stranger chose takes no time, whatever the pattern', () => {
    const startMs = performance.now()
    const path = `/${'a/'.repeat(4_000)}`
    for (const route of ['/*a/*a/*a/*b', '*/:x/*/:y/*/:z/b', `${':x-'.repeat(8)}b`])
      assert.equal(isAbout({ route }, path), false)
    assert.equal(isAbout({ route: `${':x-'.repeat(8)}b` }, '-'.repeat(8_000)), false)
    // A regular expression takes minutes; this takes milliseconds.
    assert.ok(performance.now() - startMs < 5_000)
  })

  it('matches as the regular expression does', () => {
    const route = fc.array(fc.constantFrom('*', ':id', '/', 'a', 'b', '.', '-'), { maxLength: 7 })
    const path = fc.string({ unit: fc.constantFrom('/', 'a', 'b', '.', '-'), maxLength: 10 })
    fc.assert(
      fc.property(route, path, (parts, text) => {
        const pattern = parts.join('')
        fc.pre(pattern !== '')
        const source = pattern
          .split(/(:\w+|\*)/)
          .map((part) =>
            part === '*' ? '.*' : part.startsWith(':') ? '[^/]+' : part.replace(/[.-]/g, '\\$&'),
          )
        assert.equal(
          isAbout({ route: pattern }, text),
          new RegExp(`^${source.join('')}$`).test(text),
          pattern,
        )
      }),
      { numRuns: 2_000 },
    )
  })

  it('* is any text, also one with a line break', () => {
    assert.equal(isAbout({ name: 'a*b' }, '/', 'a\n\nb'), true)
    assert.equal(isAbout({ name: '*' }, '/', ''), true)
    assert.equal(isAbout({ name: 'a*a' }, '/', 'a'), false)
  })

  it('an attribute that only the prototype has is none', () => {
    assert.equal(isAbout({ attributes: { constructor: '*' } as never }, '/'), false)
  })

  it('refuses what could never match', () => {
    for (const rule of [
      { kind: '1' },
      { attributes: { a: ['b'] } },
      { attributes: { a: null } },
      { attributes: [] },
    ])
      assert.throws(() => rulesSampler([rule as never]), { code: 'HASHIRA_OPTION_INVALID' })
  })
})

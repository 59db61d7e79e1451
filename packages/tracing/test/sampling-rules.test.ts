import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'
import { isHashiraError, rootContext, withSpan } from '@hashira/core'
import {
  alwaysOffSampler,
  parseSampler,
  rateLimitedSampler,
  rulesSampler,
  type Sampler,
  type SamplingRule,
} from '@hashira/tracing'
import { type Attributes, SamplingDecision, SpanKind, trace } from '@opentelemetry/api'

const TRACE = 'a'.repeat(32)

function isSampled(
  sampler: Sampler,
  attributes: Attributes = {},
  name = 'a',
  kind = SpanKind.SERVER,
  parent?: { isRemote: boolean; traceFlags: number },
): boolean {
  const span = parent && trace.wrapSpanContext({ traceId: TRACE, spanId: 'b'.repeat(16), ...parent })
  const context = withSpan(rootContext, span)
  return (
    sampler.shouldSample(context, TRACE, name, kind, attributes, []).decision ===
    SamplingDecision.RECORD_AND_SAMPLED
  )
}

describe('rateLimitedSampler', () => {
  it('lets through what the bucket holds, and what flows in with time', (t) => {
    let nowMs = 1_000
    mock.method(performance, 'now', () => nowMs)
    t.after(() => mock.restoreAll())
    const sampler = rateLimitedSampler(10)
    const count = (asked: number) =>
      Array.from({ length: asked }, () => isSampled(sampler)).filter(Boolean).length
    assert.equal(count(50), 10)
    nowMs += 500
    assert.equal(count(50), 5)
    nowMs += 60_000
    assert.equal(count(50), 10, 'never more than a second of it')
  })

  it('less than one a second is still one now and then', (t) => {
    let nowMs = 0
    mock.method(performance, 'now', () => nowMs)
    t.after(() => mock.restoreAll())
    const sampler = rateLimitedSampler(0.1)
    assert.equal(isSampled(sampler), true)
    nowMs += 9_000
    assert.equal(isSampled(sampler), false)
    nowMs += 1_001
    assert.equal(isSampled(sampler), true)
  })

  it('spends nothing on a span with a local parent, which decides', () => {
    const sampler = rateLimitedSampler(1)
    for (let i = 0; i < 10; i++)
      assert.equal(isSampled(sampler, {}, 'a', SpanKind.CLIENT, { isRemote: false, traceFlags: 1 }), true)
    assert.equal(isSampled(sampler, {}, 'a', SpanKind.CLIENT, { isRemote: false, traceFlags: 0 }), false)
    assert.equal(isSampled(sampler), true)
    assert.equal(isSampled(sampler), false)
    assert.equal(isSampled(rateLimitedSampler(0)), false)
  })
})

describe('rulesSampler', () => {
  const never = { ratio: 0 }
  const cases: readonly [
    what: string,
    rule: SamplingRule,
    fits: [Attributes, string?, SpanKind?],
    not: [Attributes, string?, SpanKind?],
  ][] = [
    ['a path', { route: '/health' }, [{ 'url.path': '/health' }], [{ 'url.path': '/healthy' }]],
    [
      'a path with a parameter',
      { route: '/users/:id' },
      [{ 'url.path': '/users/7' }],
      [{ 'url.path': '/users/7/orders' }],
    ],
    [
      'a path and all below',
      { route: '/admin/*' },
      [{ 'url.path': '/admin/a/b' }],
      [{ 'url.path': '/adminx' }],
    ],
    [
      'characters that mean something to a RegExp',
      { route: '/a.b+(c)' },
      [{ 'url.path': '/a.b+(c)' }],
      [{ 'url.path': '/aXb+(c)' }],
    ],
    [
      'a method in any case',
      { method: 'get' },
      [{ 'http.request.method': 'GET' }],
      [{ 'http.request.method': 'POST' }],
    ],
    [
      'a host',
      { host: '*.internal' },
      [{ 'server.address': 'a.INTERNAL' }],
      [{ 'server.address': 'a.example' }],
    ],
    [
      'an attribute',
      { attributes: { 'queue.name': 'mail*', n: 3 } },
      [{ 'queue.name': 'mailer', n: 3 }],
      [{ 'queue.name': 'mailer', n: 4 }],
    ],
    ['a missing attribute', { attributes: { n: 3 } }, [{ n: 3 }], [{}]],
    ['a name', { name: 'job *' }, [{}, 'job a'], [{}, 'jobs']],
    ['a kind', { kind: 'consumer' }, [{}, 'a', SpanKind.CONSUMER], [{}, 'a', SpanKind.SERVER]],
    [
      'several at once',
      { method: 'GET', route: '/a' },
      [{ 'http.request.method': 'GET', 'url.path': '/a' }],
      [{ 'http.request.method': 'GET', 'url.path': '/b' }],
    ],
  ]
  for (const [what, rule, fits, not] of cases) {
    it(`matches ${what}`, () => {
      const sampler = rulesSampler([{ ...rule, ...never }])
      assert.equal(isSampled(sampler, ...fits), false)
      assert.equal(isSampled(sampler, ...not), true)
    })
  }

  it('the first that matches wins, the fallback decides for the rest', () => {
    const sampler = rulesSampler(
      [{ route: '/a', ratio: 1 }, { route: '/*', ratio: 0 }, { method: 'GET' }],
      alwaysOffSampler,
    )
    assert.equal(isSampled(sampler, { 'url.path': '/a' }), true)
    assert.equal(isSampled(sampler, { 'url.path': '/b', 'http.request.method': 'GET' }), false)
    assert.equal(isSampled(sampler, { 'http.request.method': 'GET' }), true)
    assert.equal(isSampled(sampler), false)
  })

  it('does not tear a trace apart', () => {
    const sampler = rulesSampler([never])
    assert.equal(isSampled(sampler, {}, 'a', SpanKind.CLIENT, { isRemote: false, traceFlags: 1 }), true)
    assert.equal(isSampled(sampler, {}, 'a', SpanKind.SERVER, { isRemote: true, traceFlags: 1 }), false)
  })

  it('limits a rate', () => {
    const sampler = rulesSampler([{ tracesPerSecond: 2 }])
    assert.equal(Array.from({ length: 9 }, () => isSampled(sampler)).filter(Boolean).length, 2)
  })

  it('refuses what is no rule, and names it', () => {
    for (const bad of [
      undefined,
      {},
      [null],
      [{ path: '/' }],
      [{ ratio: 2 }],
      [{ kind: 'any' }],
      [{ route: 1 }],
      [{ tracesPerSecond: -1 }],
    ]) {
      assert.throws(
        () => rulesSampler(bad as SamplingRule[]),
        (error: Error) =>
          isHashiraError(error) &&
          error.code === 'HASHIRA_OPTION_INVALID' &&
          error.message.includes('"rules"'),
      )
    }
  })

  it('comes from the environment as JSON', () => {
    const sampler = parseSampler('parentbased_rules', '[{"route":"/health","ratio":0}]')
    assert.equal(isSampled(sampler!, { 'url.path': '/health' }), false)
    assert.equal(isSampled(sampler!, { 'url.path': '/' }), true)
    assert.equal(parseSampler('rules', '[{'), undefined)
    assert.equal(parseSampler('rules', '[{"ratio":7}]'), undefined)
    assert.equal(String(parseSampler('rate_limited', '5')), 'RateLimited{5}')
    assert.equal(parseSampler('rate_limited', '-1'), undefined)
  })
})

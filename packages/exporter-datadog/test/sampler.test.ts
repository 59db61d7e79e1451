import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { datadogSampler } from '@hashira/exporter-datadog'
import { ROOT_CONTEXT, SamplingDecision, type SpanContext, trace } from '@opentelemetry/api'
import fc from 'fast-check'
import { createSampler } from '../dist/sampling/datadog-sampler.js'
import { isKept, thresholdOf } from '../dist/sampling/knuth-hash.js'
import { RateLimiter } from '../dist/sampling/rate-limiter.js'
import { sampling } from '../dist/sampling/sampling-state.js'
import { resource } from './records'

const { RECORD_AND_SAMPLED, RECORD, NOT_RECORD } = SamplingDecision
const anyId = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const traceIdOf = (id: bigint) => `${'0'.repeat(16)}${id.toString(16).padStart(16, '0')}`
const setRates = (rates: Record<string, number>) =>
  sampling.rates.update(Buffer.from(JSON.stringify({ rate_by_service: rates })))
const parent = (traceFlags: number): SpanContext => ({
  traceId: '1'.repeat(32),
  spanId: '2'.repeat(16),
  traceFlags,
})

describe("Datadog's hash", () => {
  it('keeps the traces that every Datadog tracer keeps', () => {
    fc.assert(
      fc.property(anyId, fc.double({ min: 0, max: 1, noNaN: true }), (id, rate) => {
        const hash = (id * 1_111_111_111_111_111_111n) % 2n ** 64n
        const kept = rate >= 1 || hash <= BigInt(Math.floor(rate * (2 ** 64 - 1)))
        assert.equal(isKept(traceIdOf(id), thresholdOf(rate)), kept)
      }),
      { numRuns: 2_000 },
    )
  })

  it('keeps a subset with a smaller rate, and about as many as the rate says', () => {
    let kept = 0
    for (let i = 0; i < 10_000; i++) {
      const id = traceIdOf(BigInt.asUintN(64, BigInt(i) * 0x9e37_79b9_7f4a_7c15n))
      if (isKept(id, thresholdOf(0.1))) {
        kept++
        assert.ok(isKept(id, thresholdOf(0.3)))
      }
    }
    assert.ok(Math.abs(kept - 1_000) < 150, `${kept}`)
  })
})

describe('sampler', () => {
  afterEach(() => {
    sampling.rates.reset()
    sampling.countsAll.clear()
    sampling.takeDropped()
    sampling.decide = undefined
  })

  it('keeps everything until the agent says otherwise, then what the agent wants of this service and environment', () => {
    const sampler = createSampler({ tags: [], rateLimit: 100 })
    sampler.start!(resource)
    const ids = Array.from({ length: 2_000 }, (_, i) =>
      traceIdOf((BigInt(i) * 0x9e37_79b9_7f4a_7c15n) % 2n ** 64n),
    )
    const keptOf = () =>
      ids.filter((id) => sampler.sampleByTrace!(id, undefined) === RECORD_AND_SAMPLED).length
    assert.equal(keptOf(), 2_000)
    assert.deepEqual(sampling.decide!(Date.now()), {
      priority: 1,
      mechanism: 0,
      origin: undefined,
      agentRate: 1,
    })
    setRates({ 'service:shop,env:prod': 0.25, 'service:,env:': 1 })
    assert.ok(Math.abs(keptOf() - 500) < 100, `${keptOf()}`)
    assert.deepEqual(sampling.decide!(Date.now() + 1), {
      priority: 1,
      mechanism: 1,
      origin: undefined,
      agentRate: 0.25,
    })
    setRates({ 'service:shop,env:prod': 0 })
    assert.equal(keptOf(), 0)
    sampler.close!()
    assert.equal(sampling.decide, undefined)
  })

  it('follows the parent, whatever the rate', () => {
    setRates({ 'service:,env:': 0 })
    const sampler = createSampler({ tags: [], rateLimit: 100 })
    sampler.start!(resource)
    assert.equal(sampler.sampleByTrace!('1'.repeat(32), parent(1)), RECORD_AND_SAMPLED)
    assert.equal(sampler.sampleByTrace!('1'.repeat(32), parent(0)), NOT_RECORD)
    const context = trace.setSpanContext(ROOT_CONTEXT, parent(1))
    assert.deepEqual(sampler.shouldSample(context, '1'.repeat(32), 'x', 0, {}, []), {
      decision: RECORD_AND_SAMPLED,
    })
    assert.deepEqual(sampling.takeDropped(), { traces: 0, spans: 0 })
  })

  it('records what it does not sample while somebody counts every span', () => {
    setRates({ 'service:,env:': 0 })
    const sampler = createSampler({ tags: [], rateLimit: 100 })
    let counts = true
    sampling.countsAll.add(() => counts)
    assert.equal(sampler.sampleByTrace!('1'.repeat(32), undefined), RECORD)
    assert.equal(sampler.sampleByTrace!('1'.repeat(32), parent(0)), RECORD)
    counts = false
    assert.equal(sampler.sampleByTrace!('1'.repeat(32), undefined), NOT_RECORD)
    assert.deepEqual(sampling.takeDropped(), { traces: 2, spans: 0 })
  })

  it("takes the user's rate in place of the agent's, limited by the second, as the user's keep", () => {
    setRates({ 'service:,env:': 0 })
    const sampler = createSampler({ tags: [], sampleRate: 1, rateLimit: 10 })
    sampler.start!(resource)
    const kept = Array.from({ length: 30 }, () => sampler.sampleByTrace!('1'.repeat(32), undefined)).filter(
      (decision) => decision === RECORD_AND_SAMPLED,
    ).length
    // The second may end meanwhile.
    assert.ok(kept >= 10 && kept <= 20, `${kept}`)
    const decision = sampling.decide!(0)
    assert.deepEqual([decision.priority, decision.mechanism, decision.ruleRate], [2, 3, 1])
    assert.ok(decision.limitRate! > 0 && decision.limitRate! < 1)
  })

  it('is what OTEL_TRACES_SAMPLER=datadog loads, with its argument', () => {
    assert.equal(String(datadogSampler()), 'Datadog{agent}')
    assert.equal(String(datadogSampler('0.5')), 'Datadog{rate=0.5}')
    assert.equal(String(datadogSampler('lots')), 'Datadog{agent}')
  })
})

describe('rate limiter', () => {
  it('lets so many through each second', () => {
    const limiter = new RateLimiter(2)
    const allowed = [0, 100, 200, 1_000, 1_100, 1_200, 5_000].map((ms) => limiter.isAllowed(ms))
    assert.deepEqual(allowed, [true, true, false, true, true, false, true])
    assert.ok(Math.abs(limiter.effectiveRate() - 1) < 1e-9)
    const none = new RateLimiter(-1)
    assert.ok(Array.from({ length: 1_000 }, () => none.isAllowed(0)).every(Boolean))
  })
})

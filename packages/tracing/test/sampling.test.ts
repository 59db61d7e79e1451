import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { faultCounts, rootContext, spanOf, withSpan } from '@hashira/core'
import {
  alwaysOffSampler,
  alwaysOnSampler,
  parentBasedSampler,
  parseSampler,
  type Sampler,
  spanCounts,
  traceIdRatioSampler,
  tracer,
} from '@hashira/tracing'
import { createTraceState, SamplingDecision, type SpanContext, SpanKind, trace } from '@opentelemetry/api'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base'
import { record } from './support'

const { NOT_RECORD, RECORD, RECORD_AND_SAMPLED } = SamplingDecision
const link = { context: { traceId: 'c'.repeat(32), spanId: 'd'.repeat(16), traceFlags: 1 } }

function decide(sampler: Sampler, traceId: string, parent?: SpanContext): SamplingDecision {
  const context = parent === undefined ? rootContext : withSpan(rootContext, trace.wrapSpanContext(parent))
  const { decision } = sampler.shouldSample(context, traceId, 'a', SpanKind.INTERNAL, {}, [])
  if (sampler.sampleByTrace !== undefined) assert.equal(sampler.sampleByTrace(traceId, parent), decision)
  return decision
}

function parent(isRemote: boolean, traceFlags: number): SpanContext {
  return { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags, isRemote }
}

const randomTraceId = () => randomBytes(16).toString('hex')

describe('samplers', () => {
  it('always and never', () => {
    assert.equal(decide(alwaysOnSampler, randomTraceId(), parent(true, 0)), RECORD_AND_SAMPLED)
    assert.equal(decide(alwaysOffSampler, randomTraceId(), parent(true, 1)), NOT_RECORD)
    assert.equal(String(alwaysOnSampler), 'AlwaysOnSampler')
    assert.equal(String(alwaysOffSampler), 'AlwaysOffSampler')
  })

  it('by trace id: the right-most 56 bits at or above the rejection threshold, whatever the parent', () => {
    const half = traceIdRatioSampler(0.5)
    assert.equal(decide(half, `${'0'.repeat(18)}80000000000000`), RECORD_AND_SAMPLED)
    assert.equal(decide(half, `${'f'.repeat(18)}7fffffffffffff`, parent(true, 1)), NOT_RECORD)
    assert.equal(decide(traceIdRatioSampler(0), `${'f'.repeat(32)}`), NOT_RECORD)
    assert.equal(decide(traceIdRatioSampler(1), `${'0'.repeat(31)}1`), RECORD_AND_SAMPLED)
    assert.equal(String(half), 'TraceIdRatioBased{0.5}')
    for (const [given, kept] of [
      [Number.NaN, 0],
      [-1, 0],
      [2, 1],
      ['0.5', 0.5],
    ]) {
      assert.equal(String(traceIdRatioSampler(given as number)), `TraceIdRatioBased{${kept}}`)
    }
  })

  it('by trace id: keeps its share, and a smaller share is part of a larger one', () => {
    const ratios = [0.001, 0.1, 0.25, 0.5, 0.9]
    const samplers = ratios.map(traceIdRatioSampler)
    const kept = ratios.map(() => 0)
    const count = 20_000
    for (let i = 0; i < count; i++) {
      const id = randomTraceId()
      const decisions = samplers.map((sampler) => decide(sampler, id) === RECORD_AND_SAMPLED)
      decisions.forEach((sampled, index) => {
        if (sampled) kept[index] = kept[index]! + 1
        assert.ok(!sampled || decisions.slice(index).every(Boolean), `${id} is not nested`)
      })
    }
    ratios.forEach((ratio, index) => {
      const deviation = Math.sqrt((ratio * (1 - ratio)) / count)
      assert.ok(
        Math.abs(kept[index]! / count - ratio) < 6 * deviation,
        `${kept[index]} of ${count} for ${ratio}`,
      )
    })
  })

  it('by parent: follow it, and ask the root sampler for new traces', () => {
    const sampler = parentBasedSampler(alwaysOffSampler)
    assert.equal(decide(sampler, randomTraceId()), NOT_RECORD)
    assert.equal(decide(parentBasedSampler(alwaysOnSampler), randomTraceId()), RECORD_AND_SAMPLED)
    for (const isRemote of [true, false]) {
      assert.equal(decide(sampler, randomTraceId(), parent(isRemote, 0x01)), RECORD_AND_SAMPLED)
      assert.equal(decide(sampler, randomTraceId(), parent(isRemote, 0x03)), RECORD_AND_SAMPLED)
      assert.equal(decide(sampler, randomTraceId(), parent(isRemote, 0x02)), NOT_RECORD)
    }
    assert.match(
      String(sampler),
      /^ParentBased\{root=AlwaysOffSampler, remoteParentSampled=AlwaysOnSampler, /,
    )
  })

  it('by parent: ask another sampler for each kind of parent', () => {
    const options = {
      remoteParentSampled: traceIdRatioSampler(0),
      remoteParentNotSampled: traceIdRatioSampler(1),
      localParentSampled: alwaysOffSampler,
      localParentNotSampled: alwaysOnSampler,
    }
    const sampler = parentBasedSampler(alwaysOnSampler, options)
    assert.equal(decide(sampler, randomTraceId(), parent(true, 1)), NOT_RECORD)
    assert.equal(decide(sampler, randomTraceId(), parent(true, 0)), RECORD_AND_SAMPLED)
    assert.equal(decide(sampler, randomTraceId(), parent(false, 1)), NOT_RECORD)
    assert.equal(decide(sampler, randomTraceId(), parent(false, 0)), RECORD_AND_SAMPLED)
    assert.equal(parentBasedSampler(new AlwaysOnSampler()).sampleByTrace, undefined)
  })

  it('are found by the names of OTEL_TRACES_SAMPLER', () => {
    const described = (name: string, argument?: string) => parseSampler(name, argument)?.toString()
    assert.equal(described('always_on'), 'AlwaysOnSampler')
    assert.equal(described(' Always_Off '), 'AlwaysOffSampler')
    assert.equal(described('traceidratio', '0.25'), 'TraceIdRatioBased{0.25}')
    assert.equal(described('traceidratio'), 'TraceIdRatioBased{1}')
    assert.match(described('parentbased_always_on') ?? '', /^ParentBased\{root=AlwaysOnSampler,/)
    assert.match(described('parentbased_always_off') ?? '', /^ParentBased\{root=AlwaysOffSampler,/)
    assert.match(
      described('parentbased_traceidratio', '0.1') ?? '',
      /^ParentBased\{root=TraceIdRatioBased\{0.1\},/,
    )
    for (const [name, argument] of [
      ['sometimes', undefined],
      ['', undefined],
      ['traceidratio', 'half'],
      ['traceidratio', '1.5'],
      ['traceidratio', '-0.1'],
      ['parentbased_traceidratio', 'NaN'],
    ] as const) {
      assert.equal(described(name, argument), undefined)
    }
  })
})

describe('sampling', () => {
  it('takes the samplers of OpenTelemetry’s SDK', () => {
    const cases: [Sampler, boolean][] = [
      [new AlwaysOnSampler(), true],
      [new AlwaysOffSampler(), false],
      [new TraceIdRatioBasedSampler(1), true],
      [new ParentBasedSampler({ root: new AlwaysOffSampler() }), false],
      [parentBasedSampler(new AlwaysOnSampler()), true],
    ]
    for (const [sampler, sampled] of cases) {
      const sink = record({ sampler })
      tracer.startSpan('root').end()
      assert.equal(sink.spans.length, sampled ? 1 : 0, String(sampler))
      tracer.startSpan('child', {}, withSpan(rootContext, trace.wrapSpanContext(parent(true, 1)))).end()
    }
  })

  it('gives the sampler everything, and takes attributes and trace state from it', () => {
    const seen: unknown[] = []
    const sampler: Sampler = {
      shouldSample(context, ...rest) {
        seen.push(spanOf(context), ...rest)
        return {
          decision: RECORD_AND_SAMPLED,
          attributes: { rule: 'x', b: 2 },
          traceState: createTraceState('s=1'),
        }
      },
      toString: () => 'all',
    }
    const sink = record({ sampler })
    const options = {
      kind: SpanKind.CLIENT,
      attributes: { a: 1, b: 1, bad: {} as never },
      links: [null as never, link],
    }
    const span = tracer.startSpan('a', options, withSpan(rootContext, trace.wrapSpanContext(parent(true, 0))))
    assert.equal(span.spanContext().traceState?.serialize(), 's=1')
    span.end()
    assert.deepEqual(seen.slice(1), ['a'.repeat(32), 'a', SpanKind.CLIENT, { a: 1, b: 1 }, [link]])
    assert.equal((seen[0] as ReturnType<typeof spanOf>)?.spanContext().spanId, 'b'.repeat(16))
    const recorded = sink.one()
    assert.deepEqual(recorded.attributes, { a: 1, b: 2, rule: 'x' })
    assert.equal(recorded.traceState, 's=1')
    seen.length = 0
    tracer.startSpan('a', { root: true }, withSpan(rootContext, trace.wrapSpanContext(parent(true, 0)))).end()
    assert.equal(seen[0], undefined)
  })

  it('out: a span with an id of its own that does not record, and its children neither', () => {
    const sink = record({ sampler: parentBasedSampler(alwaysOffSampler) })
    const before = spanCounts()
    const span = tracer.startSpan('a')
    const { traceId, spanId, traceFlags } = span.spanContext()
    assert.equal(span.isRecording(), false)
    assert.deepEqual([trace.isSpanContextValid(span.spanContext()), traceFlags], [true, 0x02])
    const child = tracer.startSpan('b', {}, withSpan(rootContext, span))
    assert.equal(child.spanContext().traceId, traceId)
    assert.notEqual(child.spanContext().spanId, spanId)
    assert.equal(child.spanContext().traceFlags, 0x02)
    child.end()
    span.end()
    assert.deepEqual(spanCounts(), before)
    assert.deepEqual([sink.spans.length, sink.refused.length], [0, 0])
  })

  it('record only: records, is not sampled, is counted and never exported', () => {
    const sink = record({ sampler: { shouldSample: () => ({ decision: RECORD }), toString: () => 'record' } })
    const before = spanCounts()
    const span = tracer.startSpan('a')
    assert.equal(span.isRecording(), true)
    assert.equal(span.spanContext().traceFlags & 1, 0)
    assert.equal(spanCounts().open, before.open + 1)
    span.end()
    assert.deepEqual(spanCounts(), {
      created: before.created + 1,
      ended: before.ended + 1,
      open: before.open,
    })
    assert.deepEqual([sink.spans.length, sink.refused.length], [0, 0])
  })

  it('by a sampler that throws or answers nonsense means no, counted', () => {
    const fail = () => {
      throw new Error('sampler')
    }
    const answers = [undefined, null, 7, {}, { decision: 3 }, { decision: 'length' }, { decision: null }]
    const broken = [
      { shouldSample: fail, toString: fail },
      { shouldSample: fail, sampleByTrace: fail },
      { shouldSample: fail, sampleByTrace: () => 9 },
      ...answers.map((answer) => ({ shouldSample: () => answer })),
    ]
    for (const sampler of broken) {
      const sink = record({ sampler: sampler as unknown as Sampler })
      const before = faultCounts().get('sampler') ?? 0
      const span = tracer.startSpan('a', { attributes: { a: 1 } })
      span.end()
      assert.equal(span.isRecording(), false)
      assert.equal(trace.isSpanContextValid(span.spanContext()), true)
      assert.equal(sink.spans.length, 0)
      assert.equal(faultCounts().get('sampler'), before + 1)
    }
  })
})

import assert from 'node:assert/strict'
import { it } from 'node:test'
import {
  addMetricSource,
  collectMetrics,
  openOperations,
  rootContext,
  suppressTracing,
  withOperation,
  withSpan,
} from '@hashira/core'
import {
  alwaysOffSampler,
  alwaysOnSampler,
  type Sampler,
  tracer,
  tracingMetricSource,
} from '@hashira/tracing'
import { SamplingDecision, SpanKind, trace } from '@opentelemetry/api'
import { record } from './support'

it('tells spans by parent and sampling result, and which are open', async () => {
  const recordOnly: Sampler = {
    shouldSample: () => ({ decision: SamplingDecision.RECORD }),
    toString: () => 'record',
  }
  const remote = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1, isRemote: true }
  const underRemote = withSpan(rootContext, trace.wrapSpanContext(remote))
  const remove = addMetricSource(tracingMetricSource)

  record({ sampler: alwaysOnSampler })
  const open = tracer.startSpan('open')
  tracer.startSpan('remote parent', {}, underRemote).end()
  tracer.startSpan('local parent', {}, withSpan(rootContext, open)).end()
  record({ sampler: recordOnly })
  const alsoOpen = tracer.startSpan('record only')
  record({ sampler: alwaysOffSampler })
  tracer.startSpan('dropped').end()

  const { families } = await collectMetrics()
  const shown = Object.fromEntries(
    families.map(({ name, type, points }) => [
      `${name} ${type}`,
      Object.fromEntries(
        points.map((point) => [point.attributes.join(' '), 'value' in point ? point.value : undefined]),
      ),
    ]),
  )
  const started = (origin: string, result: string) =>
    `otel.span.parent.origin ${origin} otel.span.sampling_result ${result}`
  assert.deepEqual(shown, {
    'otel.sdk.span.started counter': {
      [started('none', 'DROP')]: 1,
      [started('none', 'RECORD_ONLY')]: 1,
      [started('none', 'RECORD_AND_SAMPLE')]: 1,
      [started('local', 'RECORD_AND_SAMPLE')]: 1,
      [started('remote', 'RECORD_AND_SAMPLE')]: 1,
    },
    'otel.sdk.span.live updowncounter': {
      'otel.span.sampling_result RECORD_ONLY': 1,
      'otel.span.sampling_result RECORD_AND_SAMPLE': 1,
    },
    'hashira.spans.created counter': { '': 4 },
    'hashira.spans.ended counter': { '': 2 },
    'hashira.spans.open updowncounter': { '': 2 },
    'hashira.spans.orphaned counter': { '': 0 },
  })
  open.end()
  alsoOpen.end()
  remove()
})

it('counts roots that began outside of any request while one was under way', async () => {
  record({ sampler: alwaysOnSampler })
  const remove = addMetricSource(tracingMetricSource)
  const orphaned = async () => {
    const { families } = await collectMetrics()
    const [point] = families.find(({ name }) => name === 'hashira.spans.orphaned')!.points
    return (point as { value: number }).value
  }
  const before = await orphaned()
  tracer.startSpan('nothing is under way').end()
  openOperations.count++
  const request = tracer.startSpan('request', { kind: SpanKind.SERVER })
  const context = withOperation(rootContext, request, { recordError() {} })
  tracer.startSpan('inside', {}, context).end()
  tracer.startSpan('on purpose', { root: true }).end()
  tracer.startSpan('message', { kind: SpanKind.CONSUMER }).end()
  tracer.startSpan('suppressed', {}, suppressTracing(rootContext)).end()
  tracer.startSpan('has lost its span, not its request', {}, withSpan(context, undefined)).end()
  assert.equal(await orphaned(), before)
  tracer.startSpan('lost').end()
  tracer.startSpan('lost', { kind: SpanKind.CLIENT }).end()
  assert.equal(await orphaned(), before + 2)
  openOperations.count--
  request.end()
  remove()
})

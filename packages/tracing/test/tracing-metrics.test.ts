import assert from 'node:assert/strict'
import { it } from 'node:test'
import { addMetricSource, collectMetrics, rootContext, withSpan } from '@hashira/core'
import {
  alwaysOffSampler,
  alwaysOnSampler,
  type Sampler,
  tracer,
  tracingMetricSource,
} from '@hashira/tracing'
import { SamplingDecision, trace } from '@opentelemetry/api'
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
  })
  open.end()
  alsoOpen.end()
  remove()
})

import type { RemoteHint } from '@hashira/core'
import type { SpanContext } from '@opentelemetry/api'
import { randomSpanId } from './random-ids'
import { createSpanContext, SAMPLED_FLAG } from './span-context'

/**
 * The parent as a sampler gets to see it. A caller that left the decision to us is none; one that decided and is no span itself
 * counts as a remote parent with that decision, so that a parent-based sampler follows it and any other does as it likes.
 */
export function decidingParent(
  hint: RemoteHint,
  parent: SpanContext | undefined,
  traceId: string,
): SpanContext | undefined {
  if (hint.decision === 'deferred') return undefined
  if (parent !== undefined) return parent
  const traceFlags = hint.decision === 'sampled' ? SAMPLED_FLAG : 0
  return { ...createSpanContext(traceId, randomSpanId(), traceFlags, hint.traceState), isRemote: true }
}

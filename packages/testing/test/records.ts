import { AttributeList, type SpanRecord } from '@hashira/core'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'

export function record(name: string, spanId: string, parentSpanId?: string, startSeconds = 1): SpanRecord {
  return {
    traceId: '1'.repeat(32),
    spanId: spanId.repeat(16),
    parentSpanId: parentSpanId?.repeat(16),
    parentIsRemote: false,
    traceFlags: 1,
    traceState: undefined,
    isLocalRoot: parentSpanId === undefined,
    scope: { name: 'test', version: undefined, schemaUrl: undefined },
    kind: SpanKind.INTERNAL,
    name,
    startSeconds,
    startNanos: 999_000_000,
    endSeconds: startSeconds + 1,
    endNanos: 500_000,
    attributes: new AttributeList(['list', [1, 2], '__proto__', 'x']),
    events: [{ name: 'e', timeSeconds: 2, timeNanos: 0, attributes: new AttributeList(['a', 1]) }],
    links: [],
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    statusCode: SpanStatusCode.UNSET,
    statusMessage: undefined,
  }
}

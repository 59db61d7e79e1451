import type { SpanRecord } from '@hashira/core'

/** Why a trace is kept: what Datadog reads from the first span of a chunk and from its root. */
export interface TraceDecision {
  /** 1 automatic keep, 2 the user's keep. */
  readonly priority: number
  /** `_dd.p.dm`: 0 default, 1 the agent's rate, 3 a rule, 4 by hand. Unknown for a trace that began elsewhere and does not say. */
  readonly mechanism: number | undefined
  readonly origin: string | undefined
  /** The rate that decided, for a trace that began here: `_dd.agent_psr`, `_dd.rule_psr`, `_dd.limit_psr`. */
  readonly agentRate?: number | undefined
  readonly ruleRate?: number | undefined
  readonly limitRate?: number | undefined
}

/** What the `dd` member of a `tracestate` says: `s:2;o:rum;t.dm:-4`. */
export interface DatadogState {
  readonly priority: number | undefined
  readonly origin: string | undefined
  readonly mechanism: number | undefined
}

const NOTHING: DatadogState = { priority: undefined, origin: undefined, mechanism: undefined }
const MEMBER = /(?:^|,)\s*dd=([^,]*)/

/** Datadog's part of the trace state that a span has from its parents (Datadog, "W3C tracestate"). */
export function datadogState({ traceState }: SpanRecord): DatadogState {
  const member = traceState === undefined ? undefined : MEMBER.exec(traceState)?.[1]
  if (member === undefined) return NOTHING
  const fields = new Map(
    member.split(';').map((field) => {
      const colon = field.indexOf(':')
      return [field.slice(0, colon), field.slice(colon + 1).trim()] as const
    }),
  )
  return {
    priority: wholeNumber(fields.get('s')),
    origin: fields.get('o')?.replaceAll('~', '=') || undefined,
    mechanism: wholeNumber(fields.get('t.dm')?.replace(/^[-~]/, '')),
  }
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d{1,9}$/.test(text) ? Number(text) : undefined
}

/**
 * Everything that is encoded is sampled, so its priority is a keep.
 *
 * @param own what the process's own sampler says about traces that began here
 */
export function decisionOf(
  record: SpanRecord,
  own: (startUnixMs: number) => TraceDecision | undefined,
): TraceDecision {
  const state = datadogState(record)
  const { origin, priority = 0 } = state
  if (priority > 0) return { priority, mechanism: state.mechanism, origin }
  if (record.parentSpanId === undefined) {
    const decided = own(record.startSeconds * 1e3 + record.startNanos / 1e6)
    if (decided !== undefined) return origin === undefined ? decided : { ...decided, origin }
  }
  return { priority: 1, mechanism: undefined, origin }
}

import { DATADOG_MEMBER, parseDatadogMember, type SpanRecord } from '@hashira/core'

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

/** What Datadog's tracers before this process said of the trace. */
export interface ReceivedState {
  readonly priority: number | undefined
  readonly origin: string | undefined
  readonly mechanism: number | undefined
  /** `_dd.p.*` but the mechanism and the upper half of the trace id. */
  readonly tags: readonly (readonly [key: string, value: string])[]
}

export const NOTHING_RECEIVED: ReceivedState = {
  priority: undefined,
  origin: undefined,
  mechanism: undefined,
  tags: [],
}
const MEMBER = new RegExp(`(?:^|,)\\s*${DATADOG_MEMBER}=([^,]*)`)
const MECHANISM = '_dd.p.dm'

let lastTraceState = ''
let lastReceived = NOTHING_RECEIVED

/** Datadog's part of the trace state that a span has from its parents: of its headers, or of a `tracestate`. */
export function receivedState({ traceState }: SpanRecord): ReceivedState {
  if (traceState === undefined) return NOTHING_RECEIVED
  // The spans of a trace, which often end one after the other, have the same.
  if (traceState !== lastTraceState) {
    const member = MEMBER.exec(traceState)?.[1]
    lastReceived = member === undefined ? NOTHING_RECEIVED : readMember(member)
    lastTraceState = traceState
  }
  return lastReceived
}

function readMember(member: string): ReceivedState {
  const { priority, origin, tags } = parseDatadogMember(member)
  const all = tags.split(',').map((tag) => {
    const equals = tag.indexOf('=')
    return [tag.slice(0, equals), tag.slice(equals + 1)] as const
  })
  const mechanism = all.find(([key]) => key === MECHANISM)?.[1]
  return {
    priority,
    origin: origin === '' ? undefined : origin,
    mechanism:
      mechanism !== undefined && /^-\d{1,9}$/.test(mechanism) ? Number(mechanism.slice(1)) : undefined,
    tags: all.filter(([key]) => key !== MECHANISM && key !== ''),
  }
}

/**
 * Everything that is encoded is sampled, so its priority is a keep: the received one, or that of whoever decided here.
 *
 * @param own what the process's own sampler says about traces that began here
 */
export function decisionOf(
  record: SpanRecord,
  { priority = 0, mechanism, origin }: ReceivedState,
  own: (startUnixMs: number) => TraceDecision | undefined,
): TraceDecision {
  if (priority > 0) return { priority, mechanism, origin }
  if (record.parentSpanId === undefined) {
    const decided = own(record.startSeconds * 1e3 + record.startNanos / 1e6)
    if (decided !== undefined) return origin === undefined ? decided : { ...decided, origin }
  }
  return { priority: 1, mechanism: undefined, origin }
}

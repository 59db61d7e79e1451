import { isId, SPAN_ID_DIGITS, TRACE_ID_DIGITS } from './ids'
import type { RemoteDecision } from './remote-span'

/** What B3 headers say; without ids only a decision. */
export interface B3 {
  readonly traceId?: string | undefined
  readonly spanId?: string | undefined
  readonly decision: RemoteDecision
  /** Sampled whatever happens. */
  readonly isDebug: boolean
}

type Decided = Pick<B3, 'decision' | 'isDebug'>

const DECISIONS: ReadonlyMap<string | undefined, Decided> = new Map([
  [undefined, { decision: 'deferred', isDebug: false }],
  ['0', { decision: 'not sampled', isDebug: false }],
  ['1', { decision: 'sampled', isDebug: false }],
  ['d', { decision: 'sampled', isDebug: true }],
  // Early tracers wrote it so.
  ['false', { decision: 'not sampled', isDebug: false }],
  ['true', { decision: 'sampled', isDebug: false }],
])
/** `{trace id}-{span id}-{decision}-{parent span id}` at its longest. */
const MAX_LENGTH = 32 + 1 + 16 + 1 + 1 + 1 + 16

/** The header `b3` (openzipkin/b3-propagation): `undefined` when it is malformed. The parent span id is of no use here. */
export function parseB3Single(header: string): B3 | undefined {
  if (header.length > MAX_LENGTH) return undefined
  const parts = header.split('-')
  if (parts.length === 1) return header.length === 1 ? DECISIONS.get(header) : undefined
  const [traceId, spanId, flag, parentId] = parts
  if (parts.length > 4 || (flag !== undefined && flag.length !== 1)) return undefined
  if (parentId !== undefined && !isSpanId(parentId)) return undefined
  return withIds(traceId, spanId, DECISIONS.get(flag))
}

/** The headers `x-b3-*`. `undefined` when they say nothing, or are malformed. */
export function parseB3Multi(
  traceId: string | undefined,
  spanId: string | undefined,
  sampled: string | undefined,
  flags: string | undefined,
): B3 | undefined {
  const decided = flags === '1' ? DECISIONS.get('d') : DECISIONS.get(sampled === 'd' ? '' : sampled)
  if (traceId !== undefined || spanId !== undefined) return withIds(traceId, spanId, decided)
  return decided?.decision === 'deferred' ? undefined : decided
}

function withIds(
  traceId: string | undefined,
  spanId: string | undefined,
  decided: Decided | undefined,
): B3 | undefined {
  if (decided === undefined || !isTraceId(traceId) || !isSpanId(spanId)) return undefined
  return { traceId: traceId.padStart(TRACE_ID_DIGITS, '0'), spanId, ...decided }
}

function isTraceId(id: string | undefined): id is string {
  return isId(id, 32) || isId(id, 16)
}

function isSpanId(id: string | undefined): id is string {
  return isId(id, SPAN_ID_DIGITS)
}

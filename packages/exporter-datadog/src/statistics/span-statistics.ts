import { countFault, type SpanObserver, type SpanRecord } from '@hashira/core'
import type { AgentOffer } from '../agent/agent-offer'
import { sampling } from '../sampling/sampling-state'
import { SLOT } from '../spans/attribute-keys'
import { SpanFacts } from '../spans/span-facts'
import { receivedState } from '../spans/trace-decision'
import { grpcStatusCode } from './grpc-status'
import { peerTagsOf } from './peer-tags'
import { StatisticsGroup, type StatisticsKey } from './statistics-group'

export const BUCKET_SECONDS = 10
/** More would be resources with ids in them: they count under `other`. */
const MAX_GROUPS = 10_000
const OVERFLOW = 'other'

export interface Bucket {
  /** Unix seconds, a multiple of ten. */
  readonly startSeconds: number
  readonly groups: readonly StatisticsGroup[]
}

export interface SpanStatisticsOptions {
  readonly service: string
  /** What the span that ends now is counted for: nothing while the agent makes its own statistics from it. */
  readonly offerFor: (sampled: boolean) => AgentOffer
}

/**
 * Requests, errors and durations of every span that ends, sampled or not, by the ten seconds in which it ends and by what Datadog tells
 * apart (datadog-agent `pkg/trace/stats`). Only spans that are top-level, measured or of a kind: the same ones that the agent
 * would count.
 */
export class SpanStatistics implements SpanObserver {
  readonly #options: SpanStatisticsOptions
  readonly #facts = new SpanFacts()
  /** By bucket, then resource: a few groups with the same resource are told apart one by one, so no key has to be joined. */
  #buckets = new Map<number, Map<string, StatisticsGroup[]>>()
  #groupCount = 0

  constructor(options: SpanStatisticsOptions) {
    this.#options = options
  }

  onEnd(record: SpanRecord, sampled: boolean): void {
    if (!sampled) sampling.droppedSpan()
    const { service, offerFor } = this.#options
    const offer = offerFor(sampled)
    if (!offer.hasStatistics) return
    const facts = this.#facts
    facts.read(record, service)
    if (!facts.isTopLevel && !facts.isMeasured) return
    const group = this.#groupFor(record, keyOf(record, facts, offer))
    if (group === undefined) return
    const seconds = record.endSeconds - record.startSeconds
    group.add(seconds * 1e9 + record.endNanos - record.startNanos, facts.isError, facts.isTopLevel)
  }

  /** Everything counted so far; counting begins anew. Buckets that are still open come again: the agent adds up. */
  take(): Bucket[] {
    const taken = [...this.#buckets].map(([startSeconds, byResource]) => ({
      startSeconds,
      groups: [...byResource.values()].flat(),
    }))
    this.#buckets = new Map()
    this.#groupCount = 0
    return taken
  }

  #groupFor(record: SpanRecord, key: StatisticsKey): StatisticsGroup | undefined {
    const startSeconds = record.endSeconds - (record.endSeconds % BUCKET_SECONDS)
    const byResource = this.#buckets.get(startSeconds)
    return (byResource && find(byResource, key)) ?? this.#add(startSeconds, key)
  }

  #add(startSeconds: number, key: StatisticsKey): StatisticsGroup | undefined {
    const byResource = this.#buckets.get(startSeconds) ?? new Map<string, StatisticsGroup[]>()
    let kept = key
    if (this.#groupCount >= MAX_GROUPS) {
      countFault('datadog_statistics_overflow')
      kept = { ...key, resource: OVERFLOW, httpEndpoint: '', peerTags: [] }
      const known = find(byResource, kept)
      // Each time of an end that somebody made up is a bucket of its own.
      if (known !== undefined || this.#groupCount >= 2 * MAX_GROUPS) return known
    }
    this.#buckets.set(startSeconds, byResource)
    const group = new StatisticsGroup(kept)
    const groups = byResource.get(kept.resource)
    if (groups === undefined) byResource.set(kept.resource, [group])
    else groups.push(group)
    this.#groupCount++
    return group
  }
}

function find(byResource: Map<string, StatisticsGroup[]>, key: StatisticsKey): StatisticsGroup | undefined {
  const groups = byResource.get(key.resource)
  if (groups === undefined) return undefined
  for (const group of groups) if (group.matches(key)) return group
  return undefined
}

function keyOf(record: SpanRecord, facts: SpanFacts, { peerTags }: AgentOffer): StatisticsKey {
  const { slots, kind } = facts
  const origin = slots[SLOT.origin] ?? receivedState(record).origin
  const status = Number(slots[SLOT.httpStatus] ?? 0)
  return {
    service: facts.service,
    name: facts.name,
    resource: facts.resource,
    type: facts.type,
    kind,
    httpStatus: status >= 0 && status <= 0xffff_ffff ? Math.trunc(status) : 0,
    httpMethod: slots[SLOT.httpMethod] ?? '',
    httpEndpoint: slots[SLOT.httpRoute] ?? '',
    grpcStatus: grpcStatusCode(slots[SLOT.grpcStatus]),
    isSynthetics: origin?.startsWith('synthetics') ?? false,
    isTraceRoot: record.parentSpanId === undefined,
    peerTags: peerTagsOf(record, facts, peerTags),
  }
}

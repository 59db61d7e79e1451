import type { Batch, SpanEncoder, SpanRecord } from '@hashira/core'
import type { AgentOffer } from '../agent/agent-offer'
import { HEAD_LENGTH, writeHead } from '../agent/payload-head'
import { sampling } from '../sampling/sampling-state'
import type { Identity } from './identity'
import { IdentityTags } from './identity-tags'
import type { SpanBody } from './span-body'
import { SpanFacts } from './span-facts'
import { decisionOf, NOTHING_RECEIVED, receivedState } from './trace-decision'
import { V04Body } from './v04-body'
import { V05Body } from './v05-body'
import { V10Body } from './v10-body'
import type { TaggedSpan } from './write-tags'

const ownDecision = (startUnixMs: number) => sampling.decide?.(startUnixMs)

/**
 * Spans to the payload that the agent offers to take. What it offers is asked when a batch is opened, and holds for that batch.
 *
 * A span is written as soon as it ends, behind the other spans of the batch; `take()` puts traces together.
 */
export class DatadogSpanEncoder implements SpanEncoder {
  readonly #offer: () => AgentOffer
  readonly #own: IdentityTags
  readonly #span: TaggedSpan
  #body: SpanBody
  /** What the open batch is written for. */
  #written: AgentOffer
  #itemCount = 0

  constructor(identity: Identity, offer: () => AgentOffer) {
    this.#offer = offer
    this.#own = new IdentityTags(identity)
    this.#written = offer()
    this.#body = this.#newBody(this.#written)
    this.#span = {
      record: undefined as unknown as SpanRecord,
      facts: new SpanFacts(),
      received: NOTHING_RECEIVED,
      decision: undefined,
      isFirstOfChunk: false,
    }
  }

  get byteLength(): number {
    return this.#itemCount === 0 ? 0 : this.#body.byteLength + HEAD_LENGTH
  }

  get itemCount(): number {
    return this.#itemCount
  }

  /** What the next span is written for. */
  get offer(): AgentOffer {
    return this.#itemCount === 0 ? this.#offer() : this.#written
  }

  append(record: SpanRecord): void {
    if (this.#itemCount === 0) this.#open()
    const span = this.#span
    const body = this.#body
    span.record = record
    span.facts.read(record, this.#own.identity.service)
    span.isFirstOfChunk = body.isNewTrace(record.traceId)
    span.received = receivedState(record)
    span.decision =
      span.isFirstOfChunk || record.isLocalRoot ? decisionOf(record, span.received, ownDecision) : undefined
    try {
      body.append(span)
      this.#itemCount++
    } finally {
      // A record is valid during this call only, and the last one may be the last for hours.
      span.record = undefined as unknown as SpanRecord
    }
  }

  take(): Batch {
    const { chunkCount } = this.#body
    const bytes = this.#body.take(HEAD_LENGTH)
    const { version, hasStatistics } = this.#written
    writeHead(bytes, { version, chunkCount, inStatistics: hasStatistics })
    const batch = { bytes, itemCount: this.#itemCount }
    this.#itemCount = 0
    return batch
  }

  #open(): void {
    const offer = this.#offer()
    const { version, hasEvents } = this.#written
    if (offer.version !== version || offer.hasEvents !== hasEvents) this.#body = this.#newBody(offer)
    this.#written = offer
  }

  #newBody({ version, hasEvents }: AgentOffer): SpanBody {
    if (version === '1.0') return new V10Body(this.#own)
    return version === '0.5' ? new V05Body(this.#own) : new V04Body(this.#own, hasEvents)
  }
}

export const PROTOCOL_VERSIONS = ['1.0', '0.5', '0.4'] as const
export type ProtocolVersion = (typeof PROTOCOL_VERSIONS)[number]

/** What an agent takes, as far as this package uses it. */
export interface AgentOffer {
  readonly version: ProtocolVersion
  /** Spans of `/v0.4` may have `span_events`. */
  readonly hasEvents: boolean
  /** It takes statistics (`/v0.6/stats`), so it must not make its own from the spans that it gets. */
  readonly hasStatistics: boolean
  /** Attributes of client, producer and consumer spans that statistics are told apart by. */
  readonly peerTags: readonly string[]
}

/** Until the agent has answered, and of agents that can't: what every agent takes. */
export const LEAST_OFFER: AgentOffer = {
  version: '0.4',
  hasEvents: false,
  hasStatistics: false,
  peerTags: [],
}

/** What an answer of `/info` says: the newest version that it lists. Anything unreadable is the least. */
export function readOffer(body: Uint8Array): AgentOffer {
  let info: unknown
  try {
    info = JSON.parse(Buffer.from(body).toString('utf8'))
  } catch {
    return LEAST_OFFER
  }
  if (typeof info !== 'object' || info === null) return LEAST_OFFER
  const { endpoints, span_events: events, peer_tags: peerTags } = info as Record<string, unknown>
  const offered = new Set(textsOf(endpoints))
  return {
    version: PROTOCOL_VERSIONS.find((version) => offered.has(`/v${version}/traces`)) ?? '0.4',
    hasEvents: events === true,
    hasStatistics: offered.has('/v0.6/stats'),
    peerTags: textsOf(peerTags),
  }
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

import { encodedText } from '../msgpack/msgpack-writer'
import { KEY_LIMIT, truncated } from './limits'

/** What span fields are made of, and where {@link readSpanFacts} puts it. */
export const SLOT = {
  none: 0,
  service: 1,
  operation: 2,
  resource: 3,
  type: 4,
  httpMethod: 5,
  httpRoute: 6,
  httpStatus: 7,
  dbSystem: 8,
  dbStatement: 9,
  messagingSystem: 10,
  messagingOperation: 11,
  messagingDestination: 12,
  rpcSystem: 13,
  rpcService: 14,
  rpcMethod: 15,
  faasProvider: 16,
  faasName: 17,
  faasTrigger: 18,
  graphqlType: 19,
  graphqlName: 20,
  protocol: 21,
  url: 22,
  urlScheme: 23,
  urlPath: 24,
  urlQuery: 25,
  serverAddress: 26,
  serverPort: 27,
  errorType: 28,
  errorMessage: 29,
  errorStack: 30,
  grpcStatus: 31,
  component: 32,
  origin: 33,
} as const
export const SLOT_COUNT = 34

type Use = 'tag' | 'field' | 'url'

/** An attribute's key as it goes to Datadog. */
export class AttributeKey {
  readonly name: string
  /** As a MessagePack string. */
  readonly encoded: Uint8Array
  /** One of {@link SLOT}. */
  readonly slot: number
  /** `field`: becomes a field of the span, not a tag. `url`: part of `http.url` where that is put together. */
  readonly use: Use
  /** Numbers become text: Datadog reads `http.status_code` from `meta`. */
  readonly asText: boolean
  /** The key to use on client, producer and consumer spans. */
  readonly asPeer: AttributeKey | undefined
  /** The same and the type of a text or number behind it, as `/v1.0` wants it; made when that is spoken. */
  typedText: Uint8Array | undefined
  typedNumber: Uint8Array | undefined
  /** The dictionary that it was looked up in last, and its place there: saves most of the looks into a map. */
  dictionary = 0
  index = 0

  constructor(name: string, { slot = SLOT.none, use = 'tag', asText = false, asPeer }: Known = {}) {
    this.name = name
    this.encoded = encodedText(name)
    this.slot = slot
    this.use = use
    this.asText = asText
    this.asPeer = asPeer
  }
}

interface Known {
  readonly name?: string
  readonly slot?: number
  readonly use?: Use
  readonly asText?: boolean
  readonly asPeer?: AttributeKey
}

// OpenTelemetry's names to those that Datadog's screens and the agent read: opentelemetry-mapping-go `attributes.go` (HTTPMappings)
// and dd-trace-js `ext/tags.js`. `db.query.text` under its old name is what every agent obfuscates.
const KNOWN: Readonly<Record<string, Known>> = {
  'service.name': { slot: SLOT.service, use: 'field' },
  'operation.name': { slot: SLOT.operation, use: 'field' },
  'resource.name': { slot: SLOT.resource, use: 'field' },
  'span.type': { slot: SLOT.type, use: 'field' },
  'http.request.method': { name: 'http.method', slot: SLOT.httpMethod },
  'http.method': { slot: SLOT.httpMethod },
  'http.route': { slot: SLOT.httpRoute },
  'http.response.status_code': { name: 'http.status_code', slot: SLOT.httpStatus, asText: true },
  'http.status_code': { slot: SLOT.httpStatus, asText: true },
  'http.request.body.size': { name: 'http.request.content_length' },
  'http.response.body.size': { name: 'http.response.content_length' },
  'user_agent.original': { name: 'http.useragent' },
  'client.address': { name: 'http.client_ip' },
  'network.protocol.version': { name: 'http.version' },
  'network.protocol.name': { slot: SLOT.protocol },
  'url.full': { name: 'http.url', slot: SLOT.url },
  'http.url': { slot: SLOT.url },
  'url.scheme': { slot: SLOT.urlScheme, use: 'url' },
  'url.path': { slot: SLOT.urlPath, use: 'url' },
  'url.query': { slot: SLOT.urlQuery, use: 'url' },
  'server.address': {
    name: 'http.server_name',
    slot: SLOT.serverAddress,
    use: 'url',
    asPeer: known('out.host'),
  },
  'server.port': { slot: SLOT.serverPort, use: 'url', asPeer: known('network.destination.port') },
  'db.system.name': { name: 'db.system', slot: SLOT.dbSystem },
  'db.system': { slot: SLOT.dbSystem },
  'db.query.text': { name: 'db.statement', slot: SLOT.dbStatement },
  'db.statement': { slot: SLOT.dbStatement },
  'db.namespace': { name: 'db.name' },
  'messaging.system': { slot: SLOT.messagingSystem },
  'messaging.operation.name': { slot: SLOT.messagingOperation },
  'messaging.operation': { slot: SLOT.messagingOperation },
  'messaging.destination.name': { slot: SLOT.messagingDestination },
  'messaging.destination': { slot: SLOT.messagingDestination },
  'rpc.system.name': { name: 'rpc.system', slot: SLOT.rpcSystem },
  'rpc.system': { slot: SLOT.rpcSystem },
  'rpc.service': { slot: SLOT.rpcService },
  'rpc.method': { slot: SLOT.rpcMethod },
  'rpc.grpc.status_code': { slot: SLOT.grpcStatus },
  'rpc.response.status_code': { slot: SLOT.grpcStatus },
  'faas.invoked_provider': { slot: SLOT.faasProvider },
  'faas.invoked_name': { slot: SLOT.faasName },
  'faas.trigger': { slot: SLOT.faasTrigger },
  'graphql.operation.type': { slot: SLOT.graphqlType },
  'graphql.operation.name': { slot: SLOT.graphqlName },
  'error.type': { slot: SLOT.errorType },
  'error.message': { slot: SLOT.errorMessage },
  'error.stack': { slot: SLOT.errorStack },
  component: { slot: SLOT.component },
  '_dd.origin': { slot: SLOT.origin },
}

const MAX_KEYS = 1_000
const keys = new Map<string, AttributeKey>(
  Object.entries(KNOWN).map(([otel, given]) => [otel, known(given.name ?? otel, given)]),
)

/** Kept for the first 1,000 keys: there are few, in every span. */
export function attributeKey(otel: string): AttributeKey {
  return keys.get(otel) ?? keep(otel)
}

function keep(otel: string): AttributeKey {
  const added = known(truncated(String(otel), KEY_LIMIT))
  if (keys.size < MAX_KEYS) keys.set(otel, added)
  return added
}

/** A key of Datadog's own, or one that is not told apart. */
export function known(name: string, given?: Known): AttributeKey {
  return new AttributeKey(name, given)
}

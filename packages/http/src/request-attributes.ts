import type { IncomingMessage } from 'node:http'
import type { AttributeValue } from '@opentelemetry/api'
import { parseHost } from './host'
import { OTHER_METHOD } from './known-methods'
import type { QueryRedaction } from './redaction'
import type { RequestHead } from './request-head'
import { httpSettings } from './settings'

/** What a request says about itself, read once. */
export interface RequestFacts {
  readonly method: string
  readonly path: string
  /** Without its `?`. */
  readonly query: string | undefined
  readonly scheme: 'http' | 'https'
  readonly version: string
}

/** @param url as the client sent it: `/users?id=1`, `*`, or an absolute URL */
export function readRequest(request: IncomingMessage, url: string): RequestFacts {
  const target = url.charCodeAt(0) === 47 /* / */ ? url : originForm(url)
  const question = target.indexOf('?')
  const method = request.method as string
  return {
    method: isKnown(method) ? method : OTHER_METHOD,
    path: question < 0 ? target : target.slice(0, question),
    query: question < 0 ? undefined : target.slice(question + 1),
    scheme: isEncrypted(request) ? 'https' : 'http',
    version: versionOf(request),
  }
}

/** A loop over ten, of which the first is nearly always the one. */
function isKnown(method: string): boolean {
  for (const known of httpSettings.knownMethods) if (known === method) return true
  return false
}

const NO_SOCKET = { remoteAddress: undefined, remotePort: undefined }

function isEncrypted({ socket }: IncomingMessage): boolean {
  return Boolean((socket as { encrypted?: unknown } | undefined)?.encrypted)
}

/** `http://host/path?x` as a proxy sends it, to `/path?x`. */
function originForm(url: string): string {
  const scheme = url.indexOf('://')
  if (scheme < 0) return url
  const slash = url.indexOf('/', scheme + 3)
  const question = url.indexOf('?', scheme + 3)
  if (slash >= 0 && (question < 0 || slash < question)) return url.slice(slash)
  return question < 0 ? '/' : `/${url.slice(question)}`
}

function versionOf(request: IncomingMessage): string {
  if (request.httpVersionMajor === 1) return request.httpVersionMinor === 1 ? '1.1' : '1.0'
  if (request.httpVersionMajor === 2) return '2'
  return request.httpVersion ?? '1.1'
}

/** The attributes that a span has from its start, so that samplers see them (OpenTelemetry HTTP conventions). Keys are unique. */
export function requestAttributes(
  request: IncomingMessage,
  { host, userAgent }: RequestHead,
  facts: RequestFacts,
  redaction: QueryRedaction,
): (string | AttributeValue)[] {
  const attributes: (string | AttributeValue)[] = [
    'http.request.method',
    facts.method,
    'url.path',
    facts.path,
    'url.scheme',
    facts.scheme,
  ]
  if (facts.version !== '') attributes.push('network.protocol.version', facts.version)
  if (facts.method === OTHER_METHOD) attributes.push('http.request.method_original', request.method as string)
  if (facts.query !== undefined && facts.query !== '')
    attributes.push('url.query', redaction.redact(facts.query))
  const server = parseHost(host)
  if (server !== undefined) {
    attributes.push('server.address', server.address)
    attributes.push('server.port', server.port ?? (facts.scheme === 'http' ? 80 : 443))
  }
  if (userAgent !== undefined) attributes.push('user_agent.original', userAgent)
  // Asks the system once per connection, 10 to 40 µs; after that both are 10 ns (measured on Node 20 and 24).
  const { remoteAddress, remotePort } = request.socket ?? NO_SOCKET
  if (remoteAddress !== undefined) attributes.push('network.peer.address', remoteAddress)
  if (remotePort !== undefined) attributes.push('network.peer.port', remotePort)
  return attributes
}

import type { SpanRecord } from '@hashira/core'
import { SpanKind } from '@opentelemetry/api'
import type { AttributeReader } from './attribute-reader'
import { cut, defined } from './limits'
import type { HttpBlock } from './segment-document'

const METHODS = ['http.request.method', 'http.method'] as const
const STATUSES = ['http.response.status_code', 'http.status_code'] as const

/** `undefined` for what is no HTTP. Attributes by the stable conventions first, then by those before them. */
export function httpBlock(record: SpanRecord, attributes: AttributeReader): HttpBlock | undefined {
  const isHttp = [...METHODS, ...STATUSES].some((key) => attributes.peek(key) !== undefined)
  if (!isHttp) return undefined
  const isServer = record.kind === SpanKind.SERVER
  const request = defined({
    method: methodOf(attributes),
    url: isServer ? serverUrl(attributes) : clientUrl(attributes),
    user_agent: attributes.text('user_agent.original', 'http.user_agent'),
    ...(isServer ? clientAddress(attributes) : undefined),
    traced: attributes.take('aws.xray.traced') === true ? true : undefined,
  })
  const response = defined({
    status: attributes.number(...STATUSES),
    content_length: attributes.number(
      'http.response.body.size',
      'http.response.header.content-length',
      'http.response_content_length',
    ),
  })
  return defined({ request, response }) as HttpBlock | undefined
}

/** The status that decides about `error`, `throttle` and `fault`. */
export function httpStatus(attributes: AttributeReader): number | undefined {
  return attributes.number(...STATUSES)
}

function methodOf(attributes: AttributeReader): string | undefined {
  const original = attributes.text('http.request.method_original')
  const method = attributes.text(...METHODS)
  return method === '_OTHER' ? (original ?? method) : method
}

function serverUrl(attributes: AttributeReader): string | undefined {
  const whole = plainUrl(attributes, 'http.url')
  if (whole !== undefined) return whole
  const scheme = attributes.text('url.scheme', 'http.scheme') ?? 'http'
  const host = attributes.text('server.address', 'http.host', 'net.host.name')
  const port = attributes.number('server.port', 'net.host.port')
  const path = plainUrl(attributes, 'url.path', 'http.target')
  return host === undefined ? path : cut(`${scheme}://${authority(host, port, scheme)}${path ?? '/'}`)
}

function clientUrl(attributes: AttributeReader): string | undefined {
  return plainUrl(attributes, 'url.full', 'http.url')
}

/** Without user, query and fragment, as X-Ray's own SDKs write it; a URL that has them stays whole in the metadata. */
function plainUrl(attributes: AttributeReader, ...keys: readonly string[]): string | undefined {
  const url = attributes.peekText(...keys)
  if (url === undefined) return undefined
  const plain = url.replace(/[?#].*$/s, '').replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1')
  return plain === url ? attributes.text(...keys) : cut(plain)
}

function authority(host: string, port: number | undefined, scheme: string): string {
  const name = host.includes(':') && !host.startsWith('[') && !/:\d+$/.test(host) ? `[${host}]` : host
  const isDefault = port === undefined || port === (scheme === 'https' ? 443 : 80)
  return isDefault ? name : `${name}:${port}`
}

/** An address other than the peer's came in a header such as `X-Forwarded-For`. */
function clientAddress(attributes: AttributeReader) {
  const ip = attributes.text('client.address', 'http.client_ip')
  const peer = attributes.peekText('network.peer.address', 'net.peer.ip', 'net.sock.peer.addr')
  if (ip === undefined) return { client_ip: peer === undefined ? undefined : cut(peer) }
  return { client_ip: ip, x_forwarded_for: peer !== undefined && peer !== ip ? true : undefined }
}

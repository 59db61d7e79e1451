import type { ReceivedMessage } from '@hashira/testing'
import { Enum, Field, MapField, Root, Type } from 'protobufjs'

/** Of API v2, as its JSON has it. */
export interface ReadSpan {
  readonly traceId: string
  readonly parentId?: string
  readonly id: string
  readonly kind?: string
  readonly name?: string
  readonly timestamp?: number
  readonly duration?: number
  readonly localEndpoint?: ReadEndpoint
  readonly remoteEndpoint?: ReadEndpoint
  readonly annotations?: readonly { readonly timestamp: number; readonly value: string }[]
  readonly tags?: Readonly<Record<string, string>>
}

interface ReadEndpoint {
  readonly serviceName?: string
  readonly ipv4?: string
  readonly ipv6?: string
  readonly port?: number
}

// The messages of https://github.com/openzipkin/zipkin-api/blob/master/zipkin.proto, for protobufjs, which decodes them.
const kinds = new Enum('Kind', { SPAN_KIND_UNSPECIFIED: 0, CLIENT: 1, SERVER: 2, PRODUCER: 3, CONSUMER: 4 })
const message = (name: string, ...fields: (Field | MapField)[]) =>
  fields.reduce((type, field) => type.add(field), new Type(name))
const types = new Root()
  .add(kinds)
  .add(
    message(
      'Endpoint',
      new Field('serviceName', 1, 'string'),
      new Field('ipv4', 2, 'bytes'),
      new Field('ipv6', 3, 'bytes'),
      new Field('port', 4, 'int32'),
    ),
  )
  .add(message('Annotation', new Field('timestamp', 1, 'fixed64'), new Field('value', 2, 'string')))
  .add(
    message(
      'Span',
      new Field('traceId', 1, 'bytes'),
      new Field('parentId', 2, 'bytes'),
      new Field('id', 3, 'bytes'),
      new Field('kind', 4, 'Kind'),
      new Field('name', 5, 'string'),
      new Field('timestamp', 6, 'fixed64'),
      new Field('duration', 7, 'uint64'),
      new Field('localEndpoint', 8, 'Endpoint'),
      new Field('remoteEndpoint', 9, 'Endpoint'),
      new Field('annotations', 10, 'Annotation', 'repeated'),
      new MapField('tags', 11, 'string', 'string'),
      new Field('debug', 12, 'bool'),
      new Field('shared', 13, 'bool'),
    ),
  )
  .add(message('ListOfSpans', new Field('spans', 1, 'Span', 'repeated')))
const listOfSpans = types.lookupType('ListOfSpans')

/** The spans of a request, in either format, as JSON has them. */
export function readSpans({ body, headers }: ReceivedMessage): ReadSpan[] {
  if (headers?.['content-type'] === 'application/json') return JSON.parse(body.toString('utf8'))
  return readProtobuf(body)
}

export function readProtobuf(body: Uint8Array): ReadSpan[] {
  const options = { longs: Number, enums: String, bytes: Buffer }
  return listOfSpans.toObject(listOfSpans.decode(body), options)['spans'].map(jsonSpan)
}

// biome-ignore lint/suspicious/noExplicitAny: a decoded message
function jsonSpan(span: any): ReadSpan {
  const { traceId, parentId, id, localEndpoint, remoteEndpoint, ...rest } = span
  return {
    ...rest,
    traceId: traceId.toString('hex'),
    ...(parentId && { parentId: parentId.toString('hex') }),
    id: id.toString('hex'),
    localEndpoint: jsonEndpoint(localEndpoint),
    ...(remoteEndpoint && { remoteEndpoint: jsonEndpoint(remoteEndpoint) }),
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a decoded message
function jsonEndpoint({ ipv4, ipv6, ...rest }: any): ReadEndpoint {
  return {
    ...rest,
    ...(ipv4 && { ipv4: [...ipv4].join('.') }),
    ...(ipv6 && { ipv6: shortIpv6(ipv6) }),
  }
}

/** As a URL shows it, which is the canonical form. */
function shortIpv6(bytes: Buffer): string {
  const groups = bytes.toString('hex').match(/.{4}/g) ?? []
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}

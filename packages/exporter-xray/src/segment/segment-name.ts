import type { SpanRecord } from '@hashira/core'
import { SpanKind } from '@opentelemetry/api'
import type { AttributeReader } from './attribute-reader'
import { cut } from './limits'

const MAX_NAME = 200
const FORBIDDEN = /[^\p{L}\p{N}\s_.:/%&#=+\\\-@]/gu

/** Letters, digits, white space and `_ . : / % & # = + \ - @`, others become `_`; at most 200 characters. */
export function validName(text: string): string {
  const name = cut(text.slice(0, 1_000).replace(FORBIDDEN, '_').replace(/\s+/g, ' ').trim(), MAX_NAME)
  return name === '' ? 'span' : name
}

/** A segment is called like its service, which is what X-Ray's map shows. */
export function segmentName(attributes: AttributeReader, serviceName: string): string {
  return validName(attributes.peekText('aws.local.service') ?? serviceName)
}

/** A subsegment is called like the service it calls, or like what it does. */
export function subsegmentName(record: SpanRecord, attributes: AttributeReader): string {
  const isCall = record.kind === SpanKind.CLIENT || record.kind === SpanKind.PRODUCER
  return validName((isCall ? calledName(attributes) : undefined) ?? record.name)
}

function calledName(attributes: AttributeReader): string | undefined {
  return (
    withoutAwsPrefix(attributes.peekText('aws.remote.service')) ??
    attributes.peekText('peer.service', 'service.peer.name', 'aws.service') ??
    (isAwsCall(attributes) ? attributes.peekText('rpc.service') : undefined) ??
    databaseName(attributes) ??
    attributes.peekText(
      'rpc.service',
      'server.address',
      'http.host',
      'net.peer.name',
      'messaging.destination.name',
    )
  )
}

/** `orders@db.example`, as X-Ray's own SDKs call databases. */
function databaseName(attributes: AttributeReader): string | undefined {
  if (attributes.peekText('db.system.name', 'db.system') === undefined) return undefined
  const name = attributes.peekText('db.namespace', 'db.name')
  const host = attributes.peekText('server.address', 'net.peer.name')
  return name !== undefined && host !== undefined ? `${name}@${host}` : (name ?? host)
}

function withoutAwsPrefix(name: string | undefined): string | undefined {
  return name?.replace(/^(?:AWS\.SDK\.|AWS::)/, '')
}

/** A call through an AWS SDK. */
export function isAwsCall(attributes: AttributeReader): boolean {
  return (
    attributes.peekText('rpc.system', 'rpc.system.name') === 'aws-api' ||
    attributes.peekText('aws.service') !== undefined
  )
}

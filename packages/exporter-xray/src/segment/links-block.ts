import type { AttributeList, SpanLink, SpanRecord } from '@hashira/core'
import { xrayTraceId } from '../trace-id'
import type { LinkBlock, MetadataValue } from './segment-document'

export function linksBlock({ links }: SpanRecord): readonly LinkBlock[] | undefined {
  return links.length === 0 ? undefined : links.map(linkBlock)
}

function linkBlock({ traceId, spanId, attributes }: SpanLink): LinkBlock {
  const link = { trace_id: xrayTraceId(traceId), id: spanId }
  return attributes.size === 0 ? link : { ...link, attributes: plain(attributes) }
}

export function plain(attributes: AttributeList): Readonly<Record<string, MetadataValue>> {
  return attributes.toObject()
}

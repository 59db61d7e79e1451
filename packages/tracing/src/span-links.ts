import { AttributeList, countFault, type SpanLink } from '@hashira/core'
import { INVALID_SPANID, INVALID_TRACEID, type Link } from '@opentelemetry/api'
import { putAttributes } from './attribute-values'
import { isHex, serializedTraceState } from './span-context'
import type { SpanData } from './span-data'
import type { SpanLimits } from './span-limits'

/** Elements of one array of links that are looked at, unless the span may have more; the rest counts as dropped. */
const MAX_LINKS = 1_000
/** An array has no more; a Proxy may say anything. */
const MAX_ARRAY_LENGTH = 2 ** 32 - 1

/** Adds every usable link of `links`; a bad one is dropped alone and counted as `link`. Never throws. */
export function putLinks(data: SpanData, links: unknown, limits: SpanLimits): void {
  if (links === undefined || links === null) return
  try {
    if (!Array.isArray(links)) {
      countFault('link')
      return
    }
    const length = Math.min(links.length, MAX_ARRAY_LENGTH)
    const looked = Math.min(length, Math.max(MAX_LINKS, limits.linkCountLimit))
    for (let i = 0; i < looked; i++) putLink(data, links[i], limits)
    if (length > looked) data.droppedLinksCount += length - looked
  } catch {
    countFault('link')
  }
}

export function putLink(data: SpanData, link: unknown, limits: SpanLimits): void {
  try {
    if (data.links.length >= limits.linkCountLimit) {
      data.droppedLinksCount++
      return
    }
    const accepted = acceptLink(link as Link | null | undefined, limits)
    if (accepted === undefined) countFault('link')
    else data.links.push(accepted)
  } catch {
    countFault('link')
  }
}

/** OpenTelemetry trace API, "Link": zero ids are recorded as long as attributes or trace state say something. */
function acceptLink(link: Link | null | undefined, limits: SpanLimits): SpanLink | undefined {
  const context = link?.context
  if (context === undefined || context === null) return undefined
  const { traceId, spanId, traceFlags } = context
  if (!isHex(traceId, 32) || !isHex(spanId, 16)) return undefined
  const attributes = new AttributeList()
  const { attributePerLinkCountLimit, attributeValueLengthLimit } = limits
  putAttributes(attributes, link?.attributes, attributePerLinkCountLimit, attributeValueLengthLimit)
  const traceState = serializedTraceState(context.traceState)
  const pointsNowhere = traceId === INVALID_TRACEID || spanId === INVALID_SPANID
  if (pointsNowhere && attributes.size === 0 && traceState === undefined) return undefined
  return {
    traceId,
    spanId,
    traceFlags: typeof traceFlags === 'number' ? traceFlags & 0xff : 0,
    traceState,
    isRemote: context.isRemote === true,
    attributes,
  }
}

/** What a sampler may read of `links`: the ones with a context. */
export function linksForSampler(links: unknown): Link[] {
  if (!Array.isArray(links)) return []
  const usable: Link[] = []
  for (const link of links as (Link | null | undefined)[]) {
    if (typeof link?.context?.traceId === 'string') usable.push(link)
  }
  return usable
}

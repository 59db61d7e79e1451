import type { IncomingMessage } from 'node:http'
import { extractContext, rootContext, spanOf } from '@hashira/core'
import { type Context, isSpanContextValid, type SpanContext } from '@opentelemetry/api'
import type { RequestHead } from './request-head'
import { httpSettings } from './settings'
import type { TrustPolicy } from './trust'

/** What came with a request. */
export interface Received {
  /** What the request's span goes on from: the root when nothing came, or nothing that is trusted. */
  readonly parent: Context
  /** Somebody's span that is not trusted to be the parent. */
  readonly linked: SpanContext | undefined
}

const NOTHING: Received = { parent: rootContext, linked: undefined }

/** @param trust what the observer says; `undefined`: what the process says */
export function receivedContext(
  request: IncomingMessage,
  { carriesContext }: RequestHead,
  trust: TrustPolicy | undefined,
): Received {
  if (!carriesContext) return NOTHING
  const context = extractContext(request.headers)
  const policy = trust ?? httpSettings.trust
  if (context === rootContext || policy === undefined || policy.trusts(request))
    return { parent: context, linked: undefined }
  const linked = spanOf(context)?.spanContext()
  return {
    parent: rootContext,
    linked: linked !== undefined && isSpanContextValid(linked) ? linked : undefined,
  }
}

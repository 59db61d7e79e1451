import { isTracingSuppressed, withSpan } from '@hashira/core'
import { type HashiraTracer, tracerProvider } from '@hashira/tracing'
import { type AttributeValue, type Context, SpanKind } from '@opentelemetry/api'
import { OTHER_METHOD } from '../known-methods'
import { ClientCall } from './client-call'
import { ClientMetrics } from './client-metrics'
import { OpenBodies } from './open-bodies'
import type { Origin } from './origin'
import type { OutgoingPolicy } from './outgoing-policy'
import { type TraceHeaders, traceHeaders } from './trace-headers'

/** How a call is made: what its span says at its start. */
export interface CallTarget {
  readonly method: string
  readonly origin: Origin
  /** From the path on: `/users?page=2`. */
  readonly path: string
  readonly hasCredentials?: boolean | undefined
}

export interface BegunCall {
  /** `undefined` when only headers travel. */
  readonly call: ClientCall | undefined
  readonly headers: TraceHeaders
}

const NO_HEADERS: TraceHeaders = []

/** Begins calls for whichever client makes them. */
export class OutgoingCalls {
  readonly policy: OutgoingPolicy
  readonly bodies = new OpenBodies()
  readonly #tracer: HashiraTracer = tracerProvider.getTracer('@hashira/http')
  readonly #metrics: ClientMetrics | undefined

  constructor(policy: OutgoingPolicy) {
    this.policy = policy
    this.#metrics = policy.disabled ? undefined : new ClientMetrics()
  }

  /** `undefined` when the call is to be left alone: tracing is suppressed, or it is ignored. */
  begin(context: Context, target: CallTarget): BegunCall | undefined {
    const metrics = this.#metrics
    if (metrics === undefined) return this.carry(context, target)
    const url = this.#urlOf(context, target)
    if (url === undefined) return undefined
    const { origin } = target
    const method = this.policy.knownMethods.has(target.method) ? target.method : OTHER_METHOD
    const name = method === OTHER_METHOD ? 'HTTP' : method
    const attributes = this.#attributes(method, target, url)
    const span = this.#tracer.startFlatSpan(name, SpanKind.CLIENT, attributes, context)
    const headers = this.#headers(withSpan(context, span), origin)
    return { call: new ClientCall(span, method, origin, metrics, this.bodies), headers }
  }

  /** The same without span and metric: the headers carry `context` itself. */
  carry(context: Context, target: CallTarget): BegunCall | undefined {
    if (this.#urlOf(context, target) === undefined) return undefined
    return { call: undefined, headers: this.#headers(context, target.origin) }
  }

  #headers(context: Context, origin: Origin): TraceHeaders {
    const { policy } = this
    return policy.sendsContextTo(origin) ? traceHeaders(context, policy.sendsBaggageTo(origin)) : NO_HEADERS
  }

  #urlOf(context: Context, { origin, path }: CallTarget): string | undefined {
    if (isTracingSuppressed(context)) return undefined
    const url = origin.prefix + path
    return this.policy.ignores(url) ? undefined : url
  }

  /** What OpenTelemetry wants known when sampling is decided. */
  #attributes(method: string, target: CallTarget, url: string): (string | AttributeValue)[] {
    const { origin } = target
    const full = this.policy.redaction.redactUrl(url)
    const attributes: (string | AttributeValue)[] = [
      'http.request.method',
      method,
      'url.full',
      target.hasCredentials === true ? full.replace('://', '://REDACTED:REDACTED@') : full,
      'server.address',
      origin.address,
      'server.port',
      origin.port,
    ]
    if (method === OTHER_METHOD) attributes.push('http.request.method_original', target.method)
    return attributes
  }
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import { countFault, ignoreRejection, rootContext, runInContext, suppressTracing } from '@hashira/core'
import { useRegistry } from '@hashira/metrics-red'
import { type HashiraSpan, tracer } from '@hashira/tracing'
import { type AttributeValue, type Context, SpanKind } from '@opentelemetry/api'
import { type AccessLog, writeAccessLine } from './access-line'
import { CapturedHeaders } from './captured-headers'
import { IgnoreList } from './ignore'
import { Measurements } from './measurements'
import { type ObserveOptions, type ResolvedObserveOptions, resolveObserveOptions } from './observe-options'
import { watchPipelined } from './pipelined'
import { receivedContext } from './received-context'
import { QueryRedaction } from './redaction'
import { type RequestFacts, readRequest, requestAttributes } from './request-attributes'
import { ServerOperation } from './server-operation'
import { httpSettings } from './settings'
import { spanName } from './span-names'
import { TrustPolicy } from './trust'
import { isUpgrade, watchHandshake } from './upgrade'
import { operationOn, watch } from './watch'

/** Where an adapter's access lines go; called only with `accessLog: true`. */
export type AccessLogFactory = () => AccessLog

/** Observes the requests of one server or app; made by {@link createServerObserver}. */
export class ServerObserver<Request, Response> {
  readonly #owner: string
  readonly #options: ResolvedObserveOptions
  readonly #ignore: IgnoreList<Request> | undefined
  readonly #headers: CapturedHeaders
  readonly #redaction: QueryRedaction
  readonly #measurements: Measurements<Request>
  readonly #accessLog: AccessLog | undefined
  readonly #trust: TrustPolicy | undefined

  /** @internal */
  constructor(owner: string, options: ResolvedObserveOptions, accessLog: AccessLogFactory | undefined) {
    this.#owner = owner
    this.#options = options
    this.#ignore = options.ignore.length === 0 ? undefined : new IgnoreList<Request>(options.ignore)
    this.#headers = new CapturedHeaders(options.captureRequestHeaders, options.captureResponseHeaders)
    this.#redaction = new QueryRedaction(options.redactQuery)
    this.#measurements = new Measurements<Request>(options.buckets, options.labels)
    this.#accessLog = options.accessLog ? accessLog?.() : undefined
    this.#trust = options.trust === undefined ? undefined : new TrustPolicy(options.trust)
    if (options.registry !== undefined) useRegistry(options.registry as Parameters<typeof useRegistry>[0])
  }

  /**
   * Announces a label that only some routes give a value to. Works until the first request, when the metric is made.
   *
   * @throws HashiraError HASHIRA_OPTION_INVALID
   */
  declareLabel(name: string): void {
    this.#measurements.declareLabel(this.#owner, name)
  }

  /**
   * Begins to observe a request and returns the context to run its handlers in; `operationOn(request)` is its operation, or
   * `undefined` when it is not observed (ignored, or telemetry is off). Never throws. A request is observed once, by whoever
   * begins first.
   *
   * @param url what the client asked for, before any router shortened it
   */
  begin(
    request: IncomingMessage,
    response: ServerResponse,
    frameworkRequest: Request,
    frameworkResponse: Response,
    url: string,
  ): Context {
    return this.#observe(request, response, url, frameworkRequest, frameworkResponse)
  }

  /**
   * For whoever hears of a request before the framework has made its own request and response: {@link begin} hands these over
   * later. Until then hooks and labels are not called; a request that never gets that far has `node:http`'s. Never throws.
   */
  beginEarly(request: IncomingMessage, response: ServerResponse, url: string): Context {
    return this.#observe(request, response, url)
  }

  #observe(
    request: IncomingMessage,
    response: ServerResponse,
    url: string,
    frameworkRequest?: Request,
    frameworkResponse?: Response,
  ): Context {
    try {
      const existing = operationOn(request)
      if (existing !== undefined) return this.#adopt(existing, request, frameworkRequest, frameworkResponse)
      const { parent, linked } = receivedContext(request, this.#trust)
      if (!httpSettings.enabled) return parent
      const facts = readRequest(request, url)
      if (this.#isIgnored(facts.path, frameworkRequest)) return suppressTracing(parent)
      const operation = this.#begin(
        request,
        response,
        frameworkRequest ?? (request as Request),
        frameworkResponse ?? (response as Response),
        facts,
        parent,
      )
      if (linked !== undefined) operation.span.addLink({ context: linked })
      if (frameworkRequest !== undefined) {
        operation.isAdopted = true
        this.#callOnRequest(operation, frameworkRequest)
      }
      return operation.context
    } catch {
      countFault('server_operation')
      return rootContext
    }
  }

  #isIgnored(path: string, frameworkRequest: Request | undefined): boolean {
    if (this.#ignore === undefined) return false
    return frameworkRequest === undefined
      ? this.#ignore.hasPath(path)
      : this.#ignore.has(path, frameworkRequest)
  }

  /** What {@link beginEarly} could not know. */
  #adopt(
    operation: ServerOperation,
    request: IncomingMessage,
    frameworkRequest: Request | undefined,
    frameworkResponse: Response | undefined,
  ): Context {
    if (operation.isAdopted || frameworkRequest === undefined) return operation.context
    operation.isAdopted = true
    if (this.#ignore?.hasRequest(frameworkRequest) === true) {
      operation.discard(suppressTracing(receivedContext(request, this.#trust).parent))
      return operation.context
    }
    operation.adopt(frameworkRequest, frameworkResponse)
    const address = this.#clientAddress(frameworkRequest)
    if (address !== undefined) operation.span.setAttribute('client.address', address)
    this.#callOnRequest(operation, frameworkRequest)
    return operation.context
  }

  #begin(
    request: IncomingMessage,
    response: ServerResponse,
    frameworkRequest: Request,
    frameworkResponse: Response,
    facts: RequestFacts,
    parent: Context,
  ): ServerOperation {
    const attributes = this.#attributes(request, frameworkRequest, facts)
    const span = tracer.startFlatSpan(spanName(facts.method, undefined), SpanKind.SERVER, attributes, parent)
    const startMs = performance.now()
    const exchange = { request, response, frameworkRequest, frameworkResponse }
    const observer = this as unknown as ServerObserver<unknown, unknown>
    const operation = new ServerOperation(observer, facts, span, parent, startMs, exchange)
    this.#measurements.began(facts)
    watch(request, response, operation)
    watchSpecialCases(request, response, operation)
    return operation
  }

  #attributes(
    request: IncomingMessage,
    frameworkRequest: Request,
    facts: RequestFacts,
  ): (string | AttributeValue)[] {
    const attributes = requestAttributes(request, facts, this.#redaction)
    this.#headers.addRequest(request, attributes)
    const address = this.#clientAddress(frameworkRequest)
    if (address !== undefined) attributes.push('client.address', address)
    return attributes
  }

  #clientAddress(frameworkRequest: Request): string | undefined {
    if (!this.#options.clientAddress) return undefined
    const { ip } = frameworkRequest as { ip?: unknown }
    return typeof ip === 'string' ? ip : undefined
  }

  #callOnRequest({ context, span }: ServerOperation, request: Request): void {
    const { onRequest } = this.#options
    if (onRequest === undefined) return
    try {
      ignoreRejection(
        runInContext(context, () => onRequest(span, request)),
        'on_request',
      )
    } catch {
      countFault('on_request')
    }
  }

  /** @internal */
  callOnResponse({ context, span }: ServerOperation, request: Request, response: Response): void {
    const { onResponse } = this.#options
    if (onResponse === undefined) return
    try {
      ignoreRejection(
        runInContext(context, () => onResponse(span, request, response)),
        'on_response',
      )
    } catch {
      countFault('on_response')
    }
  }

  /** @internal */
  isError(status: number, request: Request): boolean {
    const { isError } = this.#options
    if (isError === undefined) return status >= 500
    try {
      const result: unknown = isError(status, request)
      if (!ignoreRejection(result, 'is_error')) return result === true
    } catch {
      // Counted below.
    }
    countFault('is_error')
    return status >= 500
  }

  /** @internal */
  addResponseAttributes(span: HashiraSpan, response: ServerResponse, frameworkRequest: Request): void {
    const id = (frameworkRequest as { id?: unknown }).id
    if (typeof id === 'string' || typeof id === 'number') span.setAttribute('http.request.id', String(id))
    if (response.headersSent)
      this.#headers.addResponse(response, (key, value) => span.setAttribute(key, value))
  }

  /** @internal */
  record(
    operation: ServerOperation,
    request: Request,
    status: number | undefined,
    errorType: string | undefined,
    durationMs: number,
  ): void {
    this.#measurements.record(operation, request, status, errorType, durationMs)
    if (this.#accessLog !== undefined) this.#writeAccessLine(operation, status, errorType, durationMs)
  }

  #writeAccessLine(
    operation: ServerOperation,
    status: number | undefined,
    errorType: string | undefined,
    durationMs: number,
  ): void {
    try {
      const log = this.#accessLog as AccessLog
      runInContext(operation.context, () => writeAccessLine(log, operation, status, errorType, durationMs))
    } catch {
      countFault('access_log')
    }
  }

  /** @internal The other half of `begin`. */
  leave({ facts }: ServerOperation): void {
    this.#measurements.ended(facts)
  }
}

/** What the response's own events do not tell. */
function watchSpecialCases(
  request: IncomingMessage,
  response: ServerResponse,
  operation: ServerOperation,
): void {
  if (response.destroyed === true) {
    operation.responseIs('closed')
    return
  }
  if (request.httpVersionMajor !== 1) return
  if (isUpgrade(request)) watchHandshake(request, response, operation)
  else if (response.socket === null) watchPipelined(request, operation)
}

/**
 * Resolves the options of `observe()` once.
 *
 * @param owner for messages: `observe()`
 * @param accessLog gives the logger for access lines
 * @throws HashiraError HASHIRA_OPTION_INVALID, HASHIRA_OPTION_UNKNOWN, HASHIRA_REGISTRY_INVALID
 */
export function createServerObserver<Request = IncomingMessage, Response = ServerResponse>(
  owner: string,
  options?: ObserveOptions<Request, Response>,
  accessLog?: AccessLogFactory,
): ServerObserver<Request, Response> {
  return new ServerObserver(owner, resolveObserveOptions(owner, options), accessLog)
}

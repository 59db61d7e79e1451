import type { IncomingMessage, ServerResponse } from 'node:http'
import { countFault, rootContext, runInContext, suppressTracing } from '@hashira/core'
import { useRegistry } from '@hashira/metrics-red'
import type { HashiraSpan } from '@hashira/tracing'
import { type AttributeValue, type Context, SpanKind } from '@opentelemetry/api'
import { type AccessLog, writeAccessLine } from './access-line'
import { CapturedHeaders } from './captured-headers'
import { Hooks } from './hooks'
import { httpTracer } from './http-tracer'
import { IgnoreList } from './ignore'
import { Measurements } from './measurements'
import { type ObserveOptions, type ResolvedObserveOptions, resolveObserveOptions } from './observe-options'
import { receivedContext } from './received-context'
import { QueryRedaction } from './redaction'
import { type RequestFacts, readRequest, requestAttributes } from './request-attributes'
import { type RequestHead, seenHead, unseenHead } from './request-head'
import { ServerOperation } from './server-operation'
import { httpSettings } from './settings'
import { spanName } from './span-names'
import { TrustPolicy, warnTooLate } from './trust'
import { isIgnored, markIgnored, operationOn } from './watch'
import { watchExchange } from './watch-exchange'

/** Where an adapter's access lines go; called only with `accessLog: true`. */
export type AccessLogFactory = () => AccessLog

/** Observes the requests of one server or app; made by {@link createServerObserver}. */
export class ServerObserver<Request, Response> {
  readonly #owner: string
  readonly #clientAddressIsOn: boolean
  /** @internal */
  readonly hooks: Hooks<Request, Response>
  readonly #ignore: IgnoreList<Request> | undefined
  readonly #headers: CapturedHeaders
  readonly #redaction: QueryRedaction
  readonly #measurements: Measurements<Request>
  readonly #accessLog: AccessLog | undefined
  readonly #trust: TrustPolicy | undefined

  /** @internal */
  constructor(owner: string, options: ResolvedObserveOptions, accessLog: AccessLogFactory | undefined) {
    this.#owner = owner
    this.#clientAddressIsOn = options.clientAddress
    this.hooks = new Hooks<Request, Response>(options)
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
    return this.#observe(request, response, url, seenHead, frameworkRequest, frameworkResponse)
  }

  /**
   * For whoever hears of a request before the framework has made its own request and response: {@link begin} hands these over
   * later. Until then hooks and labels are not called; a request that never gets that far has `node:http`'s. Never throws.
   */
  beginEarly(request: IncomingMessage, response: ServerResponse, url: string): Context {
    return this.#observe(request, response, url, unseenHead)
  }

  /**
   * {@link begin} for a server without a framework: hooks and labels see its request and response. An adapter that comes upon the
   * request later makes it its own, and its options apply from then on.
   */
  beginPlain(request: IncomingMessage, response: ServerResponse, url: string): Context {
    const existing = operationOn(request)
    if (existing !== undefined) return existing.context
    const context = this.#observe(
      request,
      response,
      url,
      unseenHead,
      request as Request,
      response as Response,
    )
    const operation = operationOn(request)
    if (operation !== undefined) operation.isAdopted = false
    return context
  }

  #observe(
    request: IncomingMessage,
    response: ServerResponse,
    url: string,
    readHead: (request: IncomingMessage) => RequestHead,
    frameworkRequest?: Request,
    frameworkResponse?: Response,
  ): Context {
    try {
      const existing = operationOn(request)
      if (existing !== undefined) return this.#adopt(existing, request, frameworkRequest, frameworkResponse)
      const head = readHead(request)
      const { parent, linked } = receivedContext(request, head, this.#trust)
      if (isIgnored(request)) return suppressTracing(parent)
      if (!httpSettings.enabled) return parent
      const facts = readRequest(request, url)
      if (this.#isIgnored(facts.path, frameworkRequest)) {
        markIgnored(request)
        return suppressTracing(parent)
      }
      const operation = this.#begin(
        request,
        response,
        frameworkRequest ?? (request as Request),
        frameworkResponse ?? (response as Response),
        head,
        facts,
        parent,
      )
      if (linked !== undefined) operation.span.addLink({ context: linked })
      if (frameworkRequest !== undefined) {
        operation.isAdopted = true
        this.hooks.onRequest(operation, frameworkRequest)
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

  /** What {@link beginEarly} could not know. An operation that another observer began early is this one's from now on. */
  #adopt(
    operation: ServerOperation,
    request: IncomingMessage,
    frameworkRequest: Request | undefined,
    frameworkResponse: Response | undefined,
  ): Context {
    if (operation.isOver || operation.isAdopted || frameworkRequest === undefined) return operation.context
    operation.isAdopted = true
    const isOwn = operation.isOf(this)
    if (
      isOwn
        ? this.#ignore?.hasRequest(frameworkRequest)
        : this.#ignore?.has(operation.facts.path, frameworkRequest)
    ) {
      operation.discard(suppressTracing(receivedContext(request, seenHead(request), this.#trust).parent))
      return operation.context
    }
    operation.adopt(this, frameworkRequest, frameworkResponse)
    const { span } = operation
    if (!isOwn) this.#describe(span, request, operation.facts)
    if (!isOwn && this.#trust !== undefined) warnTooLate(this.#owner)
    const address = this.#clientAddress(frameworkRequest)
    if (address !== undefined) span.setAttribute('client.address', address)
    this.hooks.onRequest(operation, frameworkRequest)
    return operation.context
  }

  /** What the options of this observer say of a request that another one began. */
  #describe(span: HashiraSpan, request: IncomingMessage, { query }: RequestFacts): void {
    const attributes: (string | AttributeValue)[] = []
    if (query !== undefined && query !== '') attributes.push('url.query', this.#redaction.redact(query))
    this.#headers.addRequest(request, attributes)
    for (let i = 0; i < attributes.length; i += 2)
      span.setAttribute(attributes[i] as string, attributes[i + 1] as AttributeValue)
  }

  #begin(
    request: IncomingMessage,
    response: ServerResponse,
    frameworkRequest: Request,
    frameworkResponse: Response,
    head: RequestHead,
    facts: RequestFacts,
    parent: Context,
  ): ServerOperation {
    const attributes = this.#attributes(request, frameworkRequest, head, facts)
    const name = spanName(facts.method, undefined)
    const startMs = performance.now()
    const span = httpTracer.startFlatSpan(name, SpanKind.SERVER, attributes, parent, startMs)
    const exchange = { request, response, frameworkRequest, frameworkResponse }
    const observer = this as unknown as ServerObserver<unknown, unknown>
    const operation = new ServerOperation(observer, facts, span, parent, startMs, exchange)
    this.enter(operation)
    watchExchange(request, response, operation, head.isUpgrade)
    return operation
  }

  #attributes(
    request: IncomingMessage,
    frameworkRequest: Request,
    head: RequestHead,
    facts: RequestFacts,
  ): (string | AttributeValue)[] {
    const attributes = requestAttributes(request, head, facts, this.#redaction)
    this.#headers.addRequest(request, attributes)
    const address = this.#clientAddress(frameworkRequest)
    if (address !== undefined) attributes.push('client.address', address)
    return attributes
  }

  #clientAddress(frameworkRequest: Request): string | undefined {
    if (!this.#clientAddressIsOn) return undefined
    const { ip } = frameworkRequest as { ip?: unknown }
    return typeof ip === 'string' ? ip : undefined
  }

  /** @internal */
  addResponseAttributes(
    operation: ServerOperation,
    response: ServerResponse,
    frameworkRequest: Request,
  ): void {
    const { span, responseHeader } = operation
    const id = (frameworkRequest as { id?: unknown }).id
    if (typeof id === 'string' || typeof id === 'number') span.setAttribute('http.request.id', String(id))
    if (!this.#headers.ofResponse || !response.headersSent) return
    const read = responseHeader ?? ((name) => response.getHeader(name))
    this.#headers.addResponse(read, (key, value) => span.setAttribute(key, value))
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

  /** @internal */
  enter({ facts }: ServerOperation): void {
    this.#measurements.began(facts)
  }

  /** @internal The other half. */
  leave({ facts }: ServerOperation): void {
    this.#measurements.ended(facts)
  }
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

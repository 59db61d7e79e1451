import type { IncomingMessage, ServerResponse } from 'node:http'
import { countFault, type Operation, openOperations, type RequestFields, withOperation } from '@hashira/core'
import type { HashiraSpan } from '@hashira/tracing'
import { type Context, SpanStatusCode } from '@opentelemetry/api'
import { errorType } from './error-type'
import type { RequestFacts } from './request-attributes'
import type { ServerObserver } from './server-observer'
import { spanName } from './span-names'
import { streamError } from './stream-error'

/** What an operation needs of its request, let go when it ends. */
interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** The framework's own request and response; for `node:http` the same objects. */
  frameworkRequest: unknown
  frameworkResponse: unknown
}

/** How a response can be over. */
export type ResponseEnd = 'finished' | 'closed'

/**
 * One observed request: a server span and the RED metrics, ended exactly once.
 *
 * Its context lives as long as whatever the request opened (a keep-alive socket: for hours), so after the end nothing in here
 * refers to the request, the response or an error.
 */
export class ServerOperation implements Operation {
  readonly span: HashiraSpan
  /** Everything that belongs to the request runs in it. */
  context: Context
  /** Of a response that was written past Node's own response object. */
  handshakeStatus: number | undefined
  /** Says the route at the end, where nothing tells when one is entered; asked only if none was set. Let go with the request. */
  routeSource: (() => string | undefined) | undefined
  /** Says a header of the response, where Node's object does not know those that were sent. Let go with the request. */
  responseHeader: ((name: string) => unknown) | undefined
  /** Values for labels of one's own that the route brings along. */
  routeLabels: Readonly<Record<string, unknown>> | undefined
  /** What an adapter keeps with a request that it follows. Let go with the request. */
  adapterState: unknown
  /** The stream that was piped into the response last. */
  source: unknown
  /** Undoes what was added to watch this request, if anything was. */
  release: (() => void) | undefined
  facts: RequestFacts
  /** Whether it has the framework's own request and response. */
  isAdopted = false
  #observer: ServerObserver<unknown, unknown>
  readonly #startMs: number
  #exchange: Exchange | undefined
  #route: string | undefined
  #name: string | undefined
  #fields: RequestFields | undefined
  #error: unknown
  /** 0 no error; 1 an error that counts only if the response does not say otherwise; 2 failed whatever the response says. */
  #failure: 0 | 1 | 2 = 0
  #isOver = false

  /** @internal */
  constructor(
    observer: ServerObserver<unknown, unknown>,
    facts: RequestFacts,
    span: HashiraSpan,
    parent: Context,
    startMs: number,
    exchange: Exchange,
  ) {
    this.span = span
    this.facts = facts
    this.#observer = observer
    this.#startMs = startMs
    this.#exchange = exchange
    this.context = withOperation(parent, span, this)
    openOperations.count++
  }

  get isOver(): boolean {
    return this.#isOver
  }

  get fields(): RequestFields | undefined {
    return this.#fields
  }

  set fields(fields: RequestFields | undefined) {
    if (!this.#isOver) this.#fields = fields
  }

  get route(): string | undefined {
    return this.#name ?? this.#route
  }

  /** What {@link setRoute} set last. */
  get matchedRoute(): string | undefined {
    return this.#route
  }

  /** @internal Whether `observer` looks after it. */
  isOf(observer: object): boolean {
    return this.#observer === observer
  }

  /** @internal The framework's own request and response, made after the operation began, and the observer that knows them. */
  adopt(observer: object, frameworkRequest: unknown, frameworkResponse: unknown): void {
    if (this.#exchange === undefined) return
    this.#exchange.frameworkRequest = frameworkRequest
    this.#exchange.frameworkResponse = frameworkResponse
    if (this.isOf(observer)) return
    this.#observer.leave(this)
    this.#observer = observer as ServerObserver<unknown, unknown>
    this.#observer.enter(this)
  }

  /** The pattern that the framework matched, mounts joined; `undefined` when it turns out that none did. */
  setRoute(route: string | undefined): void {
    this.#route = route
  }

  /** A name for handlers that have no pattern; it wins over {@link setRoute}. */
  nameRoute(name: string): void {
    this.#name = name
  }

  /** Marks the request as failed, whatever its response says. The first error wins. */
  recordError(error: unknown): void {
    if (this.#isOver || this.#failure === 2) return
    if (this.#failure === 0) this.#error = error
    this.#failure = 2
  }

  /**
   * An error that the framework passes on to its error handlers. They decide what it is: it counts when the response says
   * error (500 and above, `isError`) or never comes to its end, and not when the client is to blame or a handler recovered.
   *
   * @returns whether it is the first one, which counts
   */
  passError(error: unknown): boolean {
    if (this.#isOver || this.#failure !== 0) return false
    this.#error = error
    this.#failure = 1
    return true
  }

  /** @internal An event of the response. */
  responseIs(end: ResponseEnd): void {
    const exchange = this.#exchange
    if (exchange === undefined) return
    const { response } = exchange
    // HTTP/2 emits 'finish' for streams that were reset as well.
    const isComplete = end === 'finished' && response.writableEnded && !wasReset(exchange.request)
    const error = isComplete ? undefined : streamError(response, this.source)
    if (error !== undefined) this.passError(error)
    this.#finish(exchange, isComplete, response.headersSent ? response.statusCode : this.handshakeStatus)
  }

  /** Ends the request with a status that Node's response object does not know of. */
  endWith(status: number): void {
    if (this.#exchange !== undefined) this.#finish(this.#exchange, true, status)
  }

  /** This request is not observed after all: no span, no metric, and none of its children from now on. */
  discard(suppressed: Context): void {
    if (this.#exchange === undefined) return
    this.context = suppressed
    this.#letGo()
    this.span.discard('not_observed')
  }

  #finish(exchange: Exchange, isComplete: boolean, status: number | undefined): void {
    const endMs = performance.now()
    this.#exchange = undefined
    try {
      this.#conclude(exchange, isComplete, status, endMs)
    } catch {
      countFault('server_operation')
    } finally {
      this.span.endAt(endMs)
      this.#letGo()
    }
  }

  #conclude(exchange: Exchange, isComplete: boolean, status: number | undefined, endMs: number): void {
    const observer = this.#observer
    const { span } = this
    this.#route ??= this.routeSource?.()
    const { route } = this
    observer.hooks.onResponse(this, exchange.frameworkRequest, exchange.frameworkResponse)
    const isError = status !== undefined && observer.hooks.isError(status, exchange.frameworkRequest)
    const failed = isError || this.#failure === 2 || (!isComplete && this.#failure === 1)
    const type = failed ? this.#errorType(status) : isComplete ? undefined : 'aborted'
    if (span.isRecording()) {
      span.updateName(spanName(this.facts.method, route))
      if (route !== undefined) span.setAttribute('http.route', route)
      if (status !== undefined) span.setAttribute('http.response.status_code', status)
      if (failed && this.#failure !== 0) span.fail(this.#error, type)
      else if (type !== undefined) span.setAttribute('error.type', type)
      if (failed && this.#failure === 0) span.setStatus({ code: SpanStatusCode.ERROR })
      observer.addResponseAttributes(this, exchange.response, exchange.frameworkRequest)
    }
    const durationMs = endMs - this.#startMs
    observer.record(this, exchange.frameworkRequest, status, type, durationMs)
  }

  #errorType(status: number | undefined): string {
    if (this.#failure !== 0) return errorType(this.#error)
    return String(status)
  }

  #letGo(): void {
    this.#isOver = true
    openOperations.count--
    this.#observer.leave(this)
    this.facts = NO_FACTS
    this.#exchange = undefined
    this.#error = undefined
    this.#fields = undefined
    this.routeLabels = undefined
    this.routeSource = undefined
    this.responseHeader = undefined
    this.adapterState = undefined
    this.source = undefined
    this.release?.()
    this.release = undefined
  }
}

/** In place of those of a request that is over: its URL must not stay either. */
const NO_FACTS: RequestFacts = {
  method: '',
  path: '',
  query: undefined,
  scheme: 'http',
  version: '',
}

function wasReset(request: IncomingMessage): boolean {
  return request.httpVersionMajor >= 2 && (request as { aborted?: boolean }).aborted === true
}

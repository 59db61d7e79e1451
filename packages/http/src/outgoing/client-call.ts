import type { HashiraSpan } from '@hashira/tracing'
import { SpanStatusCode } from '@opentelemetry/api'
import { callErrorType, isCancellation } from './call-error'
import type { ClientMetrics } from './client-metrics'
import type { OpenBodies, OpenBody } from './open-bodies'
import type { Origin } from './origin'

/** What is asked of a connection. */
export interface CallSocket {
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
  readonly bytesRead?: number | undefined
  readonly alpnProtocol?: string | false | null | undefined
}

/** One request on its way: its span and its measurement, from the call to the end of the response's body. Ends once. */
export class ClientCall implements OpenBody {
  readonly span: HashiraSpan
  readonly #method: string
  readonly #origin: Origin
  readonly #metrics: ClientMetrics
  readonly #bodies: OpenBodies
  readonly #startMs = performance.now()
  #respondedMs: number | undefined
  #status: number | undefined
  #version: string | undefined
  #socket: CallSocket | undefined
  #ended = false

  constructor(span: HashiraSpan, method: string, origin: Origin, metrics: ClientMetrics, bodies: OpenBodies) {
    this.span = span
    this.#method = method
    this.#origin = origin
    this.#metrics = metrics
    this.#bodies = bodies
  }

  get bytesRead(): number | undefined {
    return this.#socket?.bytesRead
  }

  get isConnected(): boolean {
    return this.#socket !== undefined
  }

  get isAnswered(): boolean {
    return this.#status !== undefined
  }

  connected(socket: CallSocket): void {
    if (this.#ended || this.#socket !== undefined) return
    this.#socket = socket
    if (socket.alpnProtocol === 'h2') this.#version = '2'
    if (!this.span.isRecording()) return
    const { remoteAddress, remotePort } = socket
    if (remoteAddress !== undefined) this.span.pushAttribute('network.peer.address', remoteAddress)
    if (remotePort !== undefined) this.span.pushAttribute('network.peer.port', remotePort)
  }

  /** The response's headers are there; its body is to come. Informational responses are none. */
  responded(status: number, version: string): void {
    if (this.#ended || this.#status !== undefined) return
    this.#status = status
    this.#version ??= version
    this.#respondedMs = performance.now()
    this.#bodies.add(this)
  }

  completed(): void {
    this.#end(undefined, performance.now())
  }

  failed(error: unknown, type = callErrorType(error)): void {
    if (this.#ended) return
    if (isCancellation(error)) {
      this.completed()
      return
    }
    this.span.fail(error, type)
    this.#end(type, performance.now())
  }

  settle(): void {
    this.#end(undefined, this.#respondedMs ?? performance.now())
  }

  #end(failure: string | undefined, endMs: number): void {
    if (this.#ended) return
    this.#ended = true
    this.#bodies.delete(this)
    this.#socket = undefined
    const status = this.#status
    const errorType = failure ?? (status !== undefined && status >= 400 ? String(status) : undefined)
    if (this.span.isRecording()) this.#describe(status, failure === undefined ? errorType : undefined)
    this.#metrics
      .duration(this.#origin, this.#method, status, errorType, this.#version)
      .record((endMs - this.#startMs) / 1_000, this.span.spanContext())
    this.span.endAt(endMs)
  }

  #describe(status: number | undefined, errorType: string | undefined): void {
    const { span } = this
    if (status !== undefined) span.pushAttribute('http.response.status_code', status)
    if (this.#version !== undefined) span.pushAttribute('network.protocol.version', this.#version)
    if (errorType === undefined) return
    span.pushAttribute('error.type', errorType)
    span.setStatus({ code: SpanStatusCode.ERROR })
  }
}

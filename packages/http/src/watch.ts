import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { activeContext, applyInContext, bindEmitter } from '@hashira/core'
import type { ServerOperation } from './server-operation'

// Registered symbols: a second copy of this package sees that a request is observed already.
const OPERATION = Symbol.for('hashira.http.operation')
const EMIT = Symbol.for('hashira.http.emit')
const IGNORED = Symbol.for('hashira.http.ignored')

type Emit = (...args: unknown[]) => boolean

interface Watched {
  [OPERATION]?: ServerOperation | undefined
  /** The `emit` that was there, if it was not EventEmitter's. */
  [EMIT]?: Emit
  emit: Emit
  listenerCount(event: string): number
  rawListeners(event: string): unknown[]
}

const originalEmit = EventEmitter.prototype.emit as unknown as Emit

/** The operation of a request or response that is observed. */
export function operationOn(target: object): ServerOperation | undefined {
  return (target as Watched)[OPERATION]
}

/** Whether an observer decided to ignore the request: it stays ignored for every other one that it comes to. */
export function isIgnored(request: object): boolean {
  return (request as { [IGNORED]?: boolean })[IGNORED] === true
}

export function markIgnored(request: object): void {
  ;(request as { [IGNORED]?: boolean })[IGNORED] = true
}

/**
 * Runs every listener of `request` and `response` in the operation's context, whenever it was added: what emits is the
 * connection's parser. The same override tells the operation when the response is over, so that there is no listener of
 * ours, and no closure per request.
 */
export function watch(request: IncomingMessage, response: ServerResponse, operation: ServerOperation): void {
  override(request, operation, emitOnRequest, passOnRequest)
  override(response, operation, emitOnResponse, passOnResponse)
}

/** The same for a stream of HTTP/2 that is used without request and response objects. */
export function watchStream(stream: EventEmitter, operation: ServerOperation): void {
  override(stream, operation, emitOnStream, passOnStream)
}

/** `passOn` for the rare case that somebody has replaced `emit` before: it calls theirs. */
function override(target: object, operation: ServerOperation, emit: Emit, passOn: Emit): void {
  const watched = target as Watched
  watched[OPERATION] = operation
  if (typeof watched.emit !== 'function') return
  if (watched.emit === originalEmit) {
    watched.emit = emit
    return
  }
  // Somebody may have bound it to a context already (OpenTelemetry's HTTP instrumentation does): that is replaced.
  if (Object.hasOwn(watched, 'emit')) bindEmitter(operation.context, target as EventEmitter)
  watched[EMIT] = watched.emit
  watched.emit = passOn
}

function emitOnRequest(this: Watched, ...args: unknown[]): boolean {
  return emitInContext(this, args, originalEmit)
}

function passOnRequest(this: Watched, ...args: unknown[]): boolean {
  return emitInContext(this, args, emitBefore(this))
}

function emitOnResponse(this: Watched, ...args: unknown[]): boolean {
  return responseEmits(this, args, originalEmit)
}

function passOnResponse(this: Watched, ...args: unknown[]): boolean {
  return responseEmits(this, args, emitBefore(this))
}

function emitOnStream(this: Watched, ...args: unknown[]): boolean {
  return streamEmits(this, args, originalEmit)
}

function passOnStream(this: Watched, ...args: unknown[]): boolean {
  return streamEmits(this, args, emitBefore(this))
}

function emitBefore(target: Watched): Emit {
  return target[EMIT] ?? originalEmit
}

function responseEmits(target: Watched, args: unknown[], emit: Emit): boolean {
  const event = args[0]
  if (event !== 'finish' && event !== 'close') {
    if (event === 'pipe') pipedInto(target, args[1])
    return emitInContext(target, args, emit)
  }
  try {
    return emitInContext(target, args, emit)
  } finally {
    target[OPERATION]?.responseIs(event === 'finish' ? 'finished' : 'closed')
  }
}

function streamEmits(target: Watched, args: unknown[], emit: Emit): boolean {
  try {
    return emitInContext(target, args, emit)
  } finally {
    if (args[0] === 'close') target[OPERATION]?.responseIs('finished')
    else if (args[0] === 'pipe') pipedInto(target, args[1])
  }
}

function pipedInto(target: Watched, source: unknown): void {
  const operation = target[OPERATION]
  if (operation?.isOver === false) operation.source = source
}

function emitInContext(target: Watched, args: unknown[], emit: Emit): boolean {
  const event = args[0] as string
  // Most events have no listener; 'error' without one must throw.
  if (emit === originalEmit && event !== 'error') {
    const count = target.listenerCount(event)
    if (count === 0) return false
    if (count === 1 && event === 'end' && isNodesOwn(target.rawListeners(event)[0]))
      return emit.apply(target, args)
  }
  const operation = target[OPERATION]
  if (operation === undefined) return emit.apply(target, args)
  const { context } = operation
  if (activeContext() === context) return emit.apply(target, args)
  return applyInContext(context, emit, target, args)
}

/**
 * The listener by which Node's server lets a request go whose response was over before it (`_http_server.js`). It needs no context,
 * and to enter one costs 0.3 µs and 0.7 KB (Node 24), of every request that is answered at once.
 */
function isNodesOwn(listener: unknown): boolean {
  if (listener === clearIncoming) return true
  if (clearIncoming !== undefined || (listener as { readonly name?: unknown }).name !== 'clearIncoming')
    return false
  clearIncoming = listener
  return true
}

/** Learned when it is first met: to read a function's name takes longer than the rest. */
let clearIncoming: unknown

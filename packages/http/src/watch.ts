import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { activeContext, bindEmitter, runInContext } from '@hashira/core'
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
  override(request, operation, emitOnRequest)
  override(response, operation, emitOnResponse)
}

/** The same for a stream of HTTP/2 that is used without request and response objects. */
export function watchStream(stream: EventEmitter, operation: ServerOperation): void {
  override(stream, operation, emitOnStream)
}

function override(target: object, operation: ServerOperation, emit: Emit): void {
  const watched = target as Watched
  watched[OPERATION] = operation
  if (typeof watched.emit !== 'function') return
  if (watched.emit !== originalEmit) {
    // Somebody may have bound it to a context already (OpenTelemetry's HTTP instrumentation does): that is replaced.
    if (Object.hasOwn(watched, 'emit')) bindEmitter(operation.context, target as EventEmitter)
    watched[EMIT] = watched.emit
  }
  watched.emit = emit
}

function emitOnRequest(this: Watched, ...args: unknown[]): boolean {
  return emitInContext(this, args)
}

function emitOnResponse(this: Watched, ...args: unknown[]): boolean {
  const event = args[0]
  if (event !== 'finish' && event !== 'close') {
    const operation = event === 'pipe' ? this[OPERATION] : undefined
    if (operation?.isOver === false) operation.source = args[1]
    return emitInContext(this, args)
  }
  try {
    return emitInContext(this, args)
  } finally {
    this[OPERATION]?.responseIs(event === 'finish' ? 'finished' : 'closed')
  }
}

function emitOnStream(this: Watched, ...args: unknown[]): boolean {
  try {
    return emitInContext(this, args)
  } finally {
    if (args[0] === 'close') this[OPERATION]?.responseIs('finished')
    else if (args[0] === 'pipe' && this[OPERATION]?.isOver === false) this[OPERATION].source = args[1]
  }
}

function emitInContext(target: Watched, args: unknown[]): boolean {
  const emit = target[EMIT] ?? originalEmit
  const operation = target[OPERATION]
  if (operation === undefined) return emit.apply(target, args)
  // Most events have no listener; 'error' without one must throw.
  if (emit === originalEmit && args[0] !== 'error' && target.listenerCount(args[0] as string) === 0)
    return false
  const { context } = operation
  if (activeContext() === context) return emit.apply(target, args)
  return runInContext(context, () => emit.apply(target, args))
}

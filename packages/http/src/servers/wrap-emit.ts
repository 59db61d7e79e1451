import { applyInContext } from '@hashira/core'
import { type Begin, contextOfEvent, type EmittingServer } from './server-events'

type Emit = (this: unknown, ...args: unknown[]) => boolean

/** Runs what `target`, a server or a prototype of servers, emits of a request in the request's context. Returns what undoes it. */
export function wrapEmit(target: object, begin: Begin): () => void {
  const emitting = target as { emit: Emit }
  const own = Object.getOwnPropertyDescriptor(target, 'emit')
  const emit = emitting.emit
  let isOn = true
  const observed: Emit = function (...args) {
    const context = isOn ? contextOfEvent(begin, this as EmittingServer, args) : undefined
    return context === undefined ? emit.apply(this, args) : applyInContext(context, emit, this, args)
  }
  Object.defineProperty(target, 'emit', {
    value: observed,
    writable: true,
    configurable: true,
    enumerable: own?.enumerable ?? false,
  })
  return () => {
    isOn = false
    // Whoever wrapped it since still calls it.
    if (emitting.emit !== observed) return
    if (own === undefined) Reflect.deleteProperty(target, 'emit')
    else Object.defineProperty(target, 'emit', own)
  }
}

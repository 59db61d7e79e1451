import type { EventEmitter } from 'node:events'
import { bindContext } from '@hashira/core'
import type { Namespace } from './namespace'

type Listener = (...args: unknown[]) => void
type Add = (this: EventEmitter, event: string | symbol, listener: Listener) => EventEmitter
type Bound = Listener & { listener: Listener }

const NAMESPACES = Symbol.for('hashira.cls.namespaces')
const METHODS = ['on', 'addListener', 'prependListener'] as const
const ONCE = { once: 'on', prependOnceListener: 'prependListener' } as const

/**
 * Listeners that are added to `emitter` while `namespace` has a context run in the request in which they are added. They are removed
 * and listed as themselves: Node knows a wrapped listener by its property `listener`.
 */
export function bindListeners(emitter: EventEmitter, namespace: Namespace): void {
  const holder = emitter as EventEmitter & { [NAMESPACES]?: Set<Namespace> }
  const known = holder[NAMESPACES]
  if (known !== undefined) {
    known.add(namespace)
    return
  }
  const namespaces = new Set([namespace])
  Object.defineProperty(holder, NAMESPACES, { value: namespaces })
  const isInContext = () => [...namespaces].some(({ active }) => Boolean(active))
  const methods = emitter as unknown as Record<string, Add>
  const originals = Object.fromEntries(METHODS.map((name) => [name, methods[name] as Add]))
  for (const name of METHODS) {
    const add = originals[name] as Add
    methods[name] = function (event, listener) {
      const isBound = typeof listener === 'function' && isInContext()
      return add.call(this, event, isBound ? bound(listener, listener) : listener)
    }
  }
  for (const [name, on] of Object.entries(ONCE)) {
    const add = originals[on] as Add
    const addOnce = methods[name] as Add
    methods[name] = function (event, listener) {
      if (typeof listener !== 'function' || !isInContext()) return addOnce.call(this, event, listener)
      return add.call(this, event, boundOnce(this, event, listener))
    }
  }
}

function bound(fn: Listener, listener: Listener): Bound {
  return Object.assign(bindContext(fn), { listener })
}

function boundOnce(emitter: EventEmitter, event: string | symbol, listener: Listener): Bound {
  const once = bound(function (this: unknown, ...args) {
    emitter.removeListener(event, once)
    listener.apply(this, args)
  }, listener)
  return once
}

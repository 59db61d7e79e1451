import { EventEmitter } from 'node:events'
import type { Context, ContextManager } from '@opentelemetry/api'
import { bindContext } from './bind-context'
import { activeContext, applyInContext, rootContext, runInContext } from './context'

const BOUND = Symbol.for('hashira.context.bound')

/** Hashira's context as `@opentelemetry/api`'s ContextManager: whatever uses that API reads and writes the same storage. */
export const contextManager: ContextManager = {
  active: activeContext,

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return runInContext(context ?? rootContext, () => fn.apply(thisArg, args))
  },

  bind<T>(context: Context, target: T): T {
    if (target instanceof EventEmitter) return bindEmitter(context, target)
    if (typeof target === 'function')
      return bindContext(target as unknown as (...args: never[]) => unknown, context) as T
    return target
  },

  enable() {
    return contextManager
  },

  disable() {
    return contextManager
  },
}

/**
 * Runs every listener of `emitter` in `context`, whenever it was added: the parser or socket that emits belongs to another
 * context. One `emit` is replaced instead of every method that adds a listener; binding again replaces the context.
 */
export function bindEmitter<T extends EventEmitter>(context: Context, emitter: T): T {
  const bindable = emitter as T & { [BOUND]?: { context: Context } }
  const bound = bindable[BOUND]
  if (bound !== undefined) {
    bound.context = context
    return emitter
  }
  const binding = { context }
  const emit = emitter.emit
  Object.defineProperty(bindable, BOUND, { value: binding, configurable: true })
  emitter.emit = function (this: T, ...args: Parameters<EventEmitter['emit']>): boolean {
    return applyInContext(binding.context, emit, this, args)
  }
  return emitter
}

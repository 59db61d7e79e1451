import assert from 'node:assert'
import type { EventEmitter } from 'node:events'
import { activeContext, bindContext, enterContext, runInContext } from '@hashira/core'
import type { Context } from '@opentelemetry/api'
import { bindListeners } from './bind-listeners'
import type { AnyFunction, Namespace, NamespaceContext } from './namespace'

/** cls-hooked's own key for the context on an error that passed through it. */
const ERROR_CONTEXT = 'error@context'

/** The contexts that were entered and not left, innermost first. */
interface Entered {
  readonly context: NamespaceContext
  readonly outer: Entered | undefined
}

/**
 * A namespace as cls-hooked 4 has it, on Hashira's context: there is no hook on every asynchronous step, and what a namespace
 * carries goes wherever the active span goes, by `bind` and `bindEmitter` too.
 */
export class HashiraNamespace implements Namespace {
  readonly name: string
  readonly #key: symbol

  /** @internal */
  constructor(name: string) {
    this.name = name
    this.#key = Symbol(`cls namespace ${name}`)
  }

  /** The context that `get` and `set` are about, `null` outside of any. */
  get active(): NamespaceContext | null {
    return this.#entered()?.context ?? null
  }

  /** @throws Error outside of any context */
  set<T>(key: string, value: T): T {
    const { active } = this
    if (active === null) throw new Error('No context available. ns.run() or ns.bind() must be called first.')
    active[key] = value
    return value
  }

  // biome-ignore lint/suspicious/noExplicitAny: as in @types/cls-hooked
  get(key: string): any {
    return this.active?.[key]
  }

  createContext(): NamespaceContext {
    return Object.create(this.active ?? Object.prototype) as NamespaceContext
  }

  /** Runs `fn` in a new context, which is returned. */
  run(fn: (context: NamespaceContext) => void): NamespaceContext {
    const context = this.createContext()
    this.#enter(context, fn)
    return context
  }

  runAndReturn<T>(fn: (context: NamespaceContext) => T): T {
    const context = this.createContext()
    return this.#enter(context, fn)
  }

  /** @throws Error when `fn` returns no promise */
  runPromise<T>(fn: (context: NamespaceContext) => Promise<T>): Promise<T> {
    const context = this.createContext()
    const promise = this.#enter(context, fn)
    if (typeof promise?.then !== 'function' || typeof promise.catch !== 'function')
      throw new Error('fn must return a promise.')
    return promise.catch((error: unknown) => {
      noteOn(error, context)
      throw error
    })
  }

  /** `fn` in `context` (default: the active one, or a new one), and in the request it is bound in. */
  bind<F extends AnyFunction>(fn: F, context: NamespaceContext = this.active ?? this.createContext()): F {
    const noting = function (this: unknown, ...args: never[]): unknown {
      return noteErrors(context, () => fn.apply(this, args))
    }
    return bindContext(noting, this.#with(context)) as F
  }

  /** Listeners that are added from now on run in the context, and the request, in which they were added. */
  bindEmitter(emitter: EventEmitter): void {
    assert(typeof emitter?.on === 'function' && typeof emitter.emit === 'function', 'can only bind real EEs')
    bindListeners(emitter, this)
  }

  enter(context: NamespaceContext): void {
    assert(context, 'context must be provided for entering')
    enterContext(this.#with(context))
  }

  /** @throws AssertionError when `context` was not entered */
  exit(context: NamespaceContext): void {
    assert(context, 'context must be provided for exiting')
    const entered = this.#entered()
    assert(isEntered(entered, context), "context not currently entered; can't exit.")
    enterContext(activeContext().setValue(this.#key, without(entered, context)))
  }

  fromException(error: unknown): NamespaceContext | undefined {
    return (error as Record<string, NamespaceContext> | undefined)?.[ERROR_CONTEXT]
  }

  #enter<T>(context: NamespaceContext, fn: (context: NamespaceContext) => T): T {
    return runInContext(this.#with(context), () => noteErrors(context, () => fn(context)))
  }

  #entered(): Entered | undefined {
    return activeContext().getValue(this.#key) as Entered | undefined
  }

  #with(context: NamespaceContext): Context {
    const entered: Entered = { context, outer: this.#entered() }
    return activeContext().setValue(this.#key, entered)
  }
}

function isEntered(entered: Entered | undefined, context: NamespaceContext): boolean {
  return entered !== undefined && (entered.context === context || isEntered(entered.outer, context))
}

/** The chain without the innermost entry of `context`. */
function without(entered: Entered | undefined, context: NamespaceContext): Entered | undefined {
  if (entered === undefined || entered.context === context) return entered?.outer
  return { context: entered.context, outer: without(entered.outer, context) }
}

function noteErrors<T>(context: NamespaceContext, fn: () => T): T {
  try {
    return fn()
  } catch (error) {
    noteOn(error, context)
    throw error
  }
}

/** Never throws: what was thrown may be frozen, or no object at all. */
function noteOn(error: unknown, context: NamespaceContext): void {
  if (typeof error === 'object' && error !== null) Reflect.set(error, ERROR_CONTEXT, context)
}

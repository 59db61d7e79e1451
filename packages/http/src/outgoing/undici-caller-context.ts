import { activeContext, applyInContext, countFault } from '@hashira/core'
import type { Context } from '@opentelemetry/api'
import { undiciInternals } from './undici-internals'

const CONTEXT = Symbol.for('hashira.undici.context')

interface DispatchOptions {
  [CONTEXT]?: Context
}

type Method = (this: unknown, ...args: unknown[]) => unknown

interface Patch {
  readonly owner: Record<string, unknown>
  readonly name: string
  readonly original: Method
  readonly ours: Method
}

/**
 * Lets a call that waited in a full pool go on in the context in which it was made.
 *
 * A pool without a free connection queues the call, and dispatches it from whichever response frees one: in a foreign context
 * (undici before 8.12; of 50 calls over two connections 48 got another one's span as parent). So the context is noted in the
 * options of a dispatch, and gone on in when a Client dispatches them later. A symbol in a copy of the options survives
 * queues, and interceptors that copy them. Where it is noted: in `dispatch` of undici's DispatcherBase, through which every
 * Agent, Pool and Client goes, and in the queue itself, since a pool that was composed early is bound to the `dispatch` of then.
 *
 * undici can't be imported for this (that swaps the dispatcher under `fetch`), and it may be there in several copies. Each
 * copy is found when its first request is created, which is never a queued one.
 */
export class UndiciCallerContext {
  readonly #seen = new WeakSet<object>()
  readonly #patches: Patch[] = []
  #active = true

  /** Looks for the undici copy that made `request`, once per copy. */
  discover(request: object): void {
    const copy = request.constructor
    if (this.#seen.has(copy)) return
    this.#seen.add(copy)
    try {
      const { dispatchers, queues } = undiciInternals()
      for (const dispatcher of dispatchers) this.#patch(dispatcher, 'dispatch', goOn)
      for (const queue of queues) this.#patch(queue, 'push', noteQueued)
    } catch {
      countFault('undici_dispatcher')
    }
  }

  undo(): void {
    this.#active = false
    for (const { owner, name, original, ours } of this.#patches) {
      if (owner[name] === ours) owner[name] = original
    }
  }

  #patch(owner: Record<string, unknown>, name: string, around: Around): void {
    if (this.#patches.some((patch) => patch.owner === owner)) return
    const original = owner[name] as Method
    const isActive = () => this.#active
    const ours: Method = function (this: unknown, ...args) {
      return isActive() ? around(original, this, args) : original.apply(this, args)
    }
    owner[name] = ours
    this.#patches.push({ owner, name, original, ours })
  }
}

type Around = (original: Method, self: unknown, args: unknown[]) => unknown

/** `dispatch(options, handler)` */
function goOn(original: Method, self: unknown, args: unknown[]): unknown {
  const [options, handler] = args
  if (!isPlainObject(options)) return original.apply(self, args)
  const context = options[CONTEXT]
  if (context === undefined) return original.call(self, noted(options), handler)
  if (context === activeContext()) return original.apply(self, args)
  return applyInContext(context, original, self, args)
}

/** `push({ opts, handler })` */
function noteQueued(original: Method, self: unknown, args: unknown[]): unknown {
  const item = args[0] as { opts?: unknown } | undefined
  const options = item?.opts
  if (item !== undefined && isPlainObject(options) && options[CONTEXT] === undefined)
    item.opts = noted(options)
  return original.apply(self, args)
}

function noted(options: DispatchOptions): DispatchOptions {
  return { ...options, [CONTEXT]: activeContext() }
}

/** Of others a copy would not be the same. */
function isPlainObject(options: unknown): options is DispatchOptions {
  if (typeof options !== 'object' || options === null) return false
  const prototype = Object.getPrototypeOf(options) as unknown
  return prototype === Object.prototype || prototype === null
}

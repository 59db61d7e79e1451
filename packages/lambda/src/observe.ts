import { countFault, describe, HashiraError, resolveOptions, runInContext } from '@hashira/core'
import { ensureStarted, type Hashira } from 'hashira'
import { Invocation } from './invocation'
import type { LambdaContext } from './lambda-context'
import { type LambdaObserveOptions, type LambdaSettings, lambdaOptions } from './options'
import { environment } from './runtime-environment'
import { beforeTimeout, flushBudgetMs } from './time-left'

type Callback = (error?: unknown, result?: unknown) => void
// biome-ignore lint/suspicious/noExplicitAny: handlers of any event, context and result
type AnyHandler = (...args: any[]) => any

/**
 * Observes a Lambda handler: `export const handler = observe(async (event) => …)`. Takes what Lambda takes: asynchronous
 * handlers, handlers with a callback, and handlers that stream, on either side of `awslambda.streamifyResponse`. Returns a
 * handler of the same kind. Starts Hashira from the environment unless it runs.
 *
 * Each invocation is a span: SERVER for requests, CONSUMER with links for records and events. What it answers and throws is
 * passed on as it is, after what it recorded was sent, or after `flushTimeoutMs`.
 *
 * @throws HashiraError HASHIRA_OPTION_INVALID, HASHIRA_OPTION_UNKNOWN; and what `start()` throws
 */
export function observe<H extends AnyHandler>(handler: H, options?: LambdaObserveOptions): H {
  if (typeof handler !== 'function')
    throw new HashiraError(
      'HASHIRA_OPTION_INVALID',
      `observe(): the handler is ${describe(handler)}, allowed is a function`,
    )
  const { values: settings } = resolveOptions('observe()', lambdaOptions, options, environment())
  const hashira = ensureStarted()
  const observed = function (this: unknown, event: unknown, second: unknown, third: unknown): unknown {
    const isStreaming = isResponseStream(second)
    const call = new Call(event, (isStreaming ? third : second) as LambdaContext, settings, hashira)
    const callback = isStreaming || typeof third !== 'function' ? third : call.followed(third as Callback)
    // Whoever declares a callback answers by it, unless a promise comes back all the same.
    return call.run(
      () => handler.call(this, event, second, callback),
      typeof third === 'function' && handler.length > 2,
    )
  }
  return sameShape(handler, observed)
}

function isResponseStream(value: unknown): boolean {
  const { write, end } = (value ?? {}) as { write?: unknown; end?: unknown }
  return typeof write === 'function' && typeof end === 'function'
}

/** Runtimes look at a handler's length (callbacks) and at its symbols (streaming). */
function sameShape<H extends AnyHandler>(handler: H, observed: AnyHandler): H {
  for (const key of Reflect.ownKeys(handler)) {
    const property = Object.getOwnPropertyDescriptor(handler, key)
    if (property?.configurable === true || !Object.hasOwn(observed, key))
      Object.defineProperty(observed, key, property!)
  }
  return observed as H
}

/** One invocation and what it waits for. */
class Call {
  readonly #invocation: Invocation | undefined
  readonly #context: LambdaContext
  readonly #settings: LambdaSettings
  readonly #hashira: Hashira
  readonly #cancelTimeout: () => void

  constructor(
    event: unknown,
    context: LambdaContext | undefined,
    settings: LambdaSettings,
    hashira: Hashira,
  ) {
    this.#context = context ?? {}
    this.#settings = settings
    this.#hashira = hashira
    this.#invocation = started(event, this.#context)
    this.#cancelTimeout = beforeTimeout(this.#context, settings.timeoutMarginMs, () => {
      this.#invocation?.timedOut()
      void this.#flush(settings.timeoutMarginMs)
    })
  }

  run(handle: () => unknown, mayCallBack: boolean): unknown {
    let result: unknown
    try {
      result = this.#invocation === undefined ? handle() : runInContext(this.#invocation.context, handle)
    } catch (error) {
      return this.#failed(error)
    }
    if (isThenable(result)) return this.#settled(result)
    if (!mayCallBack) void this.#over(() => this.#invocation?.completed(result))
    return result
  }

  /** `callback`, as the handler gets it. */
  followed(callback: Callback): Callback {
    return (error, result) => {
      const isError = error !== undefined && error !== null
      void this.#over(() =>
        isError ? this.#invocation?.failed(error) : this.#invocation?.completed(result),
      ).then(() => callback(error, result))
    }
  }

  async #settled(promise: PromiseLike<unknown>): Promise<unknown> {
    let result: unknown
    try {
      result = await promise
    } catch (error) {
      return this.#failed(error)
    }
    await this.#over(() => this.#invocation?.completed(result))
    return result
  }

  async #failed(error: unknown): Promise<never> {
    await this.#over(() => this.#invocation?.failed(error))
    throw error
  }

  async #over(end: () => void): Promise<void> {
    this.#cancelTimeout()
    try {
      end()
    } catch {
      countFault('lambda')
    }
    await this.#flush(this.#settings.flushTimeoutMs)
  }

  async #flush(wantedMs: number): Promise<void> {
    const timeoutMs = flushBudgetMs(this.#context, wantedMs)
    if (timeoutMs > 0) await this.#hashira.flush({ timeoutMs })
  }
}

function started(event: unknown, context: LambdaContext): Invocation | undefined {
  try {
    return new Invocation(event, context)
  } catch {
    countFault('lambda')
    return undefined
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}

import { callInContext, withSpan } from '@hashira/core'
import type { Context } from '@opentelemetry/api'
import type { HashiraSpan } from './hashira-span'

/** Runs `fn` with `span` active on top of `parent`, and ends it with what `fn` returns: see `HashiraTracer.span`. */
export function runWithSpan<T>(span: HashiraSpan, parent: Context, fn: (span: HashiraSpan) => T): T {
  let result: T
  try {
    result = callInContext(withSpan(parent, span), fn, span)
  } catch (error) {
    span.fail(error)
    span.end()
    throw error
  }
  const promise = promiseOf(result)
  if (promise !== undefined) return endWith(promise, span) as T
  span.end()
  return result
}

/**
 * The promise to wait for. A thenable of another kind is adopted once, here: `then` starts the work of some of them (a
 * query builder's), so nobody may call it a second time.
 */
function promiseOf(result: unknown): Promise<unknown> | undefined {
  if ((typeof result !== 'object' && typeof result !== 'function') || result === null) return undefined
  try {
    if (result instanceof Promise) return result
    if (typeof (result as { then?: unknown }).then !== 'function') return undefined
  } catch {
    return undefined
  }
  return Promise.resolve(result)
}

/** The returned promise takes the place of the first one: rejected and not handled, it is reported as that one would have been. */
function endWith(promise: Promise<unknown>, span: HashiraSpan): Promise<unknown> {
  return promise.then(
    (value) => {
      span.end()
      return value
    },
    (error: unknown) => {
      span.fail(error)
      span.end()
      throw error
    },
  )
}

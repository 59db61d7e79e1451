import type { Context } from '@opentelemetry/api'
import { activeContext, applyInContext } from './context'

/**
 * `fn`, to be called in `context` (default: the active one) by whomever, whenever: for queues, pools and emitters that call back
 * from somebody else's context. Name, length, `this`, arguments and result are those of `fn`.
 */
export function bindContext<F extends (...args: never[]) => unknown>(
  fn: F,
  context: Context = activeContext(),
): F {
  const bound = function (this: unknown, ...args: never[]): unknown {
    return applyInContext(context, fn, this, args)
  }
  Object.defineProperty(bound, 'length', { configurable: true, value: fn.length })
  Object.defineProperty(bound, 'name', { configurable: true, value: fn.name })
  return bound as F
}

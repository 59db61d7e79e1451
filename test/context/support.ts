import { test } from 'node:test'
import { rootContext, runInContext, spanOf, withSpan } from '@hashira/core'
import { trace } from '@opentelemetry/api'

const spanContext = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 }

/** The context of one request, and of another one. */
export const request = withSpan(rootContext, trace.wrapSpanContext(spanContext))
export const other = withSpan(rootContext, trace.wrapSpanContext({ ...spanContext, spanId: '3'.repeat(16) }))

/** Whether what runs now runs in the request. */
export function inRequest(): boolean {
  return spanOf()?.spanContext().spanId === spanContext.spanId
}

export function runInRequest<T>(fn: () => T): T {
  return runInContext(request, fn)
}

export function runInOther<T>(fn: () => T): T {
  return runInContext(other, fn)
}

/**
 * A row of the table in `docs/context.md`, by the same name. `fn` runs inside of the request and resolves to what `inRequest()`
 * said at the other end, once per place where it was asked.
 */
export function row(name: string, fn: () => Promise<void>): void {
  test(name, () => runInRequest(fn))
}

/** `call` with a Node callback, to whether the callback ran in the request. */
export function callback(call: (done: () => void) => unknown): Promise<boolean> {
  return new Promise((resolve) => void call(() => resolve(inRequest())))
}

import type { SpanRecord } from '@hashira/core'
import { SLOT } from './attribute-keys'
import type { Slots } from './span-facts'

/** `error.message`, `error.type` and `error.stack`, which Datadog's error tracking groups by. */
export interface ErrorText {
  readonly message: string | undefined
  readonly type: string | undefined
  readonly stack: string | undefined
}

/** Of a failed span: its own attributes first, then the last recorded exception, then the status message. */
export function errorTextOf(record: SpanRecord, slots: Slots): ErrorText {
  const exception = record.events.findLast(({ name }) => name === 'exception')?.attributes
  const text = (key: string) => {
    const value = exception?.get(key)
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  return {
    message: slots[SLOT.errorMessage] ?? text('exception.message') ?? (record.statusMessage || undefined),
    type: slots[SLOT.errorType] ?? text('exception.type'),
    stack: slots[SLOT.errorStack] ?? text('exception.stacktrace'),
  }
}

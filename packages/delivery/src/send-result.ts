import type { SendResult } from '@hashira/core'
import { oneLine } from './error-text'

/** What a transport said became of a batch, as it may be used: a transport is somebody else's code and may say anything. Throws when it can't be read. */
export function checkedResult(value: unknown): SendResult {
  const result = (value ?? {}) as Record<string, unknown>
  const { outcome } = result
  if (outcome === 'delivered') return { outcome, rejected: checkedRejection(result['rejected']) }
  if (outcome !== 'retry' && outcome !== 'drop') return invalidResult('it returned no result')
  const reason = text(result['reason']) ?? 'transport_error'
  const message = text(result['message'])
  if (outcome === 'drop') return { outcome, reason, message }
  return { outcome, reason, message, afterMs: number(result['afterMs']) }
}

/** A transport that did not do what it should: the batch is tried again. */
export function invalidResult(message: string): SendResult {
  return { outcome: 'retry', reason: 'transport_error', message }
}

function checkedRejection(value: unknown): { itemCount: number; message: string } | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { itemCount, message } = value as Record<string, unknown>
  return { itemCount: Math.max(Math.trunc(number(itemCount) ?? 0), 0), message: text(message) ?? '' }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? oneLine(value) : undefined
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

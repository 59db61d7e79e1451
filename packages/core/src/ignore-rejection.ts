import { countFault } from './diagnostics'

/**
 * For what somebody else's function returned where nothing is waited for: if it is a promise, its rejection is counted as
 * `fault` instead of becoming the app's own unhandled one. Never throws. Returns whether it is a promise.
 */
export function ignoreRejection(value: unknown, fault: string): boolean {
  if (typeof value !== 'object' || value === null) return false
  try {
    if (typeof (value as { then?: unknown }).then !== 'function') return false
    Promise.resolve(value).catch(() => countFault(fault))
  } catch {
    countFault(fault)
  }
  return true
}

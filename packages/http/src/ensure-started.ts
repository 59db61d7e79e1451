import { shared, warnOnce } from '@hashira/core'
import type { AccessLog } from './access-line'
import { loadFromApp } from './load-from-app'

/** The slot of a Hashira that runs, as `start()` keeps it. */
const slot = shared<{ running: object | undefined }>('sdk', () => ({ running: undefined }))

/**
 * Starts Hashira from the environment unless it runs: `hashira` is found by name among the app's packages, because this package
 * is one of its parts. Without it there is one warning, and what is observed goes nowhere.
 */
export function ensureStarted(owner: string): void {
  if (slot.running !== undefined) return
  const hashira = loadFromApp<{ ensureStarted(): unknown }>('hashira')
  if (hashira !== undefined) hashira.ensureStarted()
  else
    warnOnce(
      'HASHIRA_NOT_INSTALLED',
      `${owner}: the package "hashira" is not installed, so nothing is recorded; try: npm install hashira`,
    )
}

/** `logger` of `@hashira/logs`, for access lines; it comes with `hashira`. */
export function findLogger(): AccessLog {
  const logs = loadFromApp<{ logger: AccessLog }>('@hashira/logs')
  if (logs !== undefined) return logs.logger
  warnOnce(
    'HASHIRA_NOT_INSTALLED',
    'option "accessLog": the package "@hashira/logs" is not installed, so no lines are written; try: npm install @hashira/logs',
  )
  return { info() {} }
}

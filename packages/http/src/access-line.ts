import type { ServerOperation } from './server-operation'
import { spanName } from './span-names'

/** The fields of an access line. */
export interface AccessLine {
  readonly 'http.request.method': string
  readonly 'url.path': string
  readonly 'http.route'?: string
  readonly 'http.response.status_code'?: number
  readonly 'error.type'?: string
  readonly duration_ms: number
}

/** What writes access lines: a pino logger. */
export interface AccessLog {
  info(fields: AccessLine, message: string): void
}

/** Writes one line about a request that ended: method, route, status and duration; the trace id comes from the context. */
export function writeAccessLine(
  log: AccessLog,
  { facts, route }: ServerOperation,
  status: number | undefined,
  errorType: string | undefined,
  durationMs: number,
): void {
  const fields: AccessLine = {
    'http.request.method': facts.method,
    'url.path': facts.path,
    ...(route !== undefined && { 'http.route': route }),
    ...(status !== undefined && { 'http.response.status_code': status }),
    ...(errorType !== undefined && { 'error.type': errorType }),
    duration_ms: Math.round(durationMs * 1_000) / 1_000,
  }
  log.info(fields, `${spanName(facts.method, route)} ${status ?? 'aborted'}`)
}

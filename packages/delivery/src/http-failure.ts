import type { SendResult } from '@hashira/core'
import { errorText } from './error-text'

/** An exchange that ended without a whole response. */
export interface HttpFailure {
  readonly error: unknown
  /** The request was handed to the operating system whole: the backend may have it. */
  readonly sent: boolean
}

/** A failed exchange as something to try again, with the kind of failure as its reason. */
export function failureResult({ error, sent }: HttpFailure): SendResult {
  return { outcome: 'retry', reason: failureReason(error, sent), message: errorText(error) }
}

/** A failed attempt to use a socket that no answer comes over; `connected`: it was open before. */
export function connectionFailure(error: unknown, connected = false): SendResult {
  const late = (error as NodeJS.ErrnoException | undefined)?.code === 'ETIMEDOUT'
  const reason = late ? 'timeout' : failureReason(error, connected)
  return { outcome: 'retry', reason, message: errorText(error) }
}

/** A short word for an error of a connection; `sent`: something had gone over it before. */
export function failureReason(error: unknown, sent: boolean): string {
  const { code = '', syscall } = (error ?? {}) as { code?: unknown; syscall?: unknown }
  const text = String(code)
  if (syscall === 'getaddrinfo' || text === 'ENOTFOUND' || text.startsWith('EAI_')) return 'dns'
  if (isTlsCode(text)) return 'tls'
  if (text.startsWith('HPE_')) return 'not_http'
  return sent && (text === 'ECONNRESET' || text === 'EPIPE') ? 'connection_reset' : 'connection'
}

// OpenSSL's verification results have codes without a common prefix (`man openssl-verification-options`).
const TLS_CODE =
  /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_(CA|PURPOSE)|HOSTNAME_MISMATCH|EPROTO$)/

function isTlsCode(code: string): boolean {
  return TLS_CODE.test(code)
}

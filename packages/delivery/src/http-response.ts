import type http from 'node:http'
import type { Batch, SendResult } from '@hashira/core'
import { oneLine } from './error-text'
import type { HttpAnswer } from './http-response-parser'
import { retryAfterMs } from './retry-after'

/** What a backend did not take of a batch that it took otherwise (partial success). */
export interface Rejected {
  readonly itemCount: number
  readonly message: string
}

/**
 * What an answer says: `undefined` when its status says it all (a 2xx took everything), what was not taken, or what becomes of
 * the batch.
 */
export type InterpretResponse = (
  status: number,
  body: Uint8Array,
  headers: http.IncomingHttpHeaders,
  batch: Batch,
) => Rejected | SendResult | undefined

/** OTLP specification: only these; other backends add theirs. */
export const RETRYABLE_STATUSES: readonly number[] = [429, 502, 503, 504]

export interface ResponseRules {
  readonly retryable: ReadonlySet<number>
  readonly interpret: InterpretResponse | undefined
  readonly interpretEveryStatus: boolean
  /** Header values and credentials that an answer may repeat and a message must not. */
  readonly secrets: readonly string[]
}

export function answerResult(answer: HttpAnswer, rules: ResponseRules, batch: Batch): SendResult {
  return withoutSecretsIn(interpreted(answer, rules, batch) ?? resultOfStatus(answer, rules), rules.secrets)
}

/** What the exporter reads from the answer, if it reads anything. */
function interpreted(answer: HttpAnswer, rules: ResponseRules, batch: Batch): SendResult | undefined {
  const { status, body, headers, truncated } = answer
  if (truncated || !(isSuccess(status) || rules.interpretEveryStatus)) return undefined
  try {
    const said = rules.interpret?.(status, body, headers, batch)
    if (said === undefined || said === null) return undefined
    if (!('outcome' in said)) return { outcome: 'delivered', rejected: said }
    return said.outcome === 'retry' ? { ...said, afterMs: said.afterMs ?? askedToWaitMs(answer) } : said
  } catch {
    // An answer that can't be read still has its status.
    return undefined
  }
}

function resultOfStatus(answer: HttpAnswer, { retryable, secrets }: ResponseRules): SendResult {
  const { status, body } = answer
  if (isSuccess(status)) return { outcome: 'delivered', rejected: undefined }
  const reason = `http_${status}`
  if (status >= 300 && status < 400) return { outcome: 'drop', reason, message: 'redirects are not followed' }
  // Before it is cut, which could leave half of a secret.
  const message = oneLine(withoutSecrets(body.subarray(0, 4_000).toString(), secrets)) || undefined
  if (!retryable.has(status)) return { outcome: 'drop', reason, message }
  return { outcome: 'retry', reason, message, afterMs: askedToWaitMs(answer) }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

function askedToWaitMs({ headers }: HttpAnswer): number | undefined {
  return retryAfterMs(headers['retry-after'])
}

function withoutSecretsIn(result: SendResult, secrets: readonly string[]): SendResult {
  const safe = (text: string) => withoutSecrets(text, secrets)
  if (result.outcome !== 'delivered')
    return result.message === undefined ? result : { ...result, message: safe(result.message) }
  const { rejected } = result
  if (typeof rejected?.message !== 'string') return result
  return { ...result, rejected: { ...rejected, message: safe(rejected.message) } }
}

export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((safe, secret) => safe.replaceAll(secret, 'REDACTED'), text)
}

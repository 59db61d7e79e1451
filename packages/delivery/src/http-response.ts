import type { SendResult } from '@hashira/core'
import { oneLine } from './error-text'
import type { HttpAnswer } from './http-exchange'
import { retryAfterMs } from './retry-after'

/** What a backend's 2xx answer says it did not take; `undefined` when it took all. */
export type InterpretResponse = (
  status: number,
  body: Uint8Array,
) => { readonly itemCount: number; readonly message: string } | undefined

/** OTLP specification: only these; other backends add theirs. */
export const RETRYABLE_STATUSES: readonly number[] = [429, 502, 503, 504]

export interface ResponseRules {
  readonly retryable: ReadonlySet<number>
  readonly interpret: InterpretResponse | undefined
  /** Header values and credentials that an answer may repeat and a message must not. */
  readonly secrets: readonly string[]
}

export function answerResult(answer: HttpAnswer, rules: ResponseRules): SendResult {
  const { status, body, truncated } = answer
  if (status >= 200 && status < 300) {
    const rejected = truncated ? undefined : interpret(answer, rules)
    return { outcome: 'delivered', rejected }
  }
  const reason = `http_${status}`
  if (status >= 300 && status < 400) return { outcome: 'drop', reason, message: 'redirects are not followed' }
  const message = withoutSecrets(oneLine(body.subarray(0, 1_000).toString()), rules.secrets) || undefined
  if (!rules.retryable.has(status)) return { outcome: 'drop', reason, message }
  return { outcome: 'retry', reason, message, afterMs: retryAfterMs(answer.headers['retry-after']) }
}

function interpret({ status, body }: HttpAnswer, rules: ResponseRules): ReturnType<InterpretResponse> {
  try {
    return rules.interpret?.(status, body)
  } catch {
    // An answer that can't be read is still a 2xx.
    return undefined
  }
}

function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((safe, secret) => safe.replaceAll(secret, 'REDACTED'), text)
}

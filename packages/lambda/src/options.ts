import { integerOption, type OptionValues } from '@hashira/core'

export const lambdaOptions = {
  flushTimeoutMs: integerOption('HASHIRA_LAMBDA_FLUSH_TIMEOUT', 1_000, 0, 60_000),
  timeoutMarginMs: integerOption('HASHIRA_LAMBDA_TIMEOUT_MARGIN', 500, 0, 60_000),
} as const

export type LambdaSettings = OptionValues<typeof lambdaOptions>

export interface LambdaObserveOptions {
  /**
   * How long an invocation may wait for its telemetry to be sent before it is over, in milliseconds; 0 does not wait, and what
   * is left goes with the next one. `HASHIRA_LAMBDA_FLUSH_TIMEOUT`, default 1,000.
   */
  readonly flushTimeoutMs?: number | undefined
  /**
   * How long before Lambda's own timeout open spans are ended with the error `timeout` and sent, in milliseconds; 0 never does.
   * At most half of the time that an invocation has. `HASHIRA_LAMBDA_TIMEOUT_MARGIN`, default 500.
   */
  readonly timeoutMarginMs?: number | undefined
}

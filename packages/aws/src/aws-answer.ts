import type { SendResult } from '@hashira/core'
import { adoptTime } from './aws-clock'
import { refuseCachedCredentials } from './credentials'

// The AWS SDKs' retry modes agree on these (SDK reference guide, "Retry behavior"); some come with status 400.
const THROTTLING = new Set([
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'TransactionInProgressException',
])
const TRANSIENT = new Set([
  'InternalFailure',
  'InternalServerException',
  'InternalServiceException',
  'InternalServiceFault',
  'RequestTimeout',
  'RequestTimeoutException',
  'ServiceUnavailable',
  'ServiceUnavailableException',
])
const EXPIRED = new Set(['ExpiredToken', 'ExpiredTokenException', 'RequestExpired'])
const WRONG_TIME = new Set([
  'InvalidSignatureException',
  'RequestExpired',
  'RequestInTheFuture',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
])

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * What an AWS service's error answer means: throttling and faults of the service are tried again, and so are expired
 * credentials (asked for anew) and a signature refused because of the host's clock (corrected by the answer's `Date`); everything
 * else will never work. `undefined` for 2xx.
 */
export function awsAnswer(status: number, body: Uint8Array, headers: Headers = {}): SendResult | undefined {
  if (status >= 200 && status < 300) return undefined
  const { code, message: text } = awsErrorOf(body, headers)
  const message = [code, text].filter((part) => part !== '').join(': ') || undefined
  const reason = `http_${status}`
  if (EXPIRED.has(code)) {
    refuseCachedCredentials()
    return { outcome: 'retry', reason: 'credentials_expired', message }
  }
  if (WRONG_TIME.has(code) && adoptTime(single(headers['date'])))
    return { outcome: 'retry', reason: 'clock_skew', message }
  const again = status === 429 || status >= 500 || THROTTLING.has(code) || TRANSIENT.has(code)
  if (!again) return { outcome: 'drop', reason, message }
  // Delivery itself reads `Retry-After`.
  return { outcome: 'retry', reason, message }
}

/**
 * Code and message of an error, wherever the protocol has them: header `x-amzn-errortype`, JSON `__type` or `code`, XML
 * `<Code>`. What is not there is ''.
 */
export function awsErrorOf(
  body: Uint8Array,
  headers: Headers = {},
): { readonly code: string; readonly message: string } {
  const text = Buffer.from(body.buffer, body.byteOffset, Math.min(body.byteLength, 10_000)).toString()
  const fields = parse(text)
  const fieldText = (...names: string[]) => {
    const found = names.map((name) => fields[name]).find((value) => typeof value === 'string')
    return (found as string | undefined) ?? ''
  }
  const code =
    single(headers['x-amzn-errortype']) || fieldText('__type', 'code', 'Code') || xml(text, 'Code') || ''
  return {
    // `com.amazonaws.xray#ThrottledException:http://internal…`
    code: code.replace(/^.*#/, '').replace(/:.*$/, ''),
    message: withoutRequest(fieldText('message', 'Message') || xml(text, 'Message')),
  }
}

/** A service that refuses a signature repeats what should have been signed, the session's token included. */
function withoutRequest(message: string): string {
  return (message.split(/\s*The Canonical String|\s*canonical request/i)[0] as string).replace(
    /(x-amz-security-token:)\S*/gi,
    '$1REDACTED',
  )
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function xml(text: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? ''
}

function single(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'object' ? header[0] : header
}

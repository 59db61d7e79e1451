import type { SpanRecord } from '@hashira/core'
import { SpanStatusCode } from '@opentelemetry/api'
import type { AttributeReader } from './attribute-reader'
import { httpStatus } from './http-block'

interface Outcome {
  readonly error?: true
  readonly throttle?: true
  readonly fault?: true
}

// What AWS services throttle with; some do so with status 400.
const THROTTLING = /Throttl|TooManyRequests|RequestLimitExceeded|ProvisionedThroughputExceeded|SlowDown/

/** 4xx is `error`, 429 also `throttle`, 5xx `fault`; without such a status a span that ended with an error is a `fault`. */
export function outcome({ statusCode }: SpanRecord, attributes: AttributeReader): Outcome {
  const status = httpStatus(attributes)
  const isThrottled = status === 429 || THROTTLING.test(attributes.peekText('error.type') ?? '')
  if (status !== undefined && status >= 500 && status < 600)
    return isThrottled ? { throttle: true, fault: true } : { fault: true }
  const isError = status !== undefined && status >= 400 && status < 500
  if (isError || isThrottled) return isThrottled ? { error: true, throttle: true } : { error: true }
  return statusCode === SpanStatusCode.ERROR ? { fault: true } : {}
}

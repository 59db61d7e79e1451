import type { SpanRecord } from '@hashira/core'
import { SpanStatusCode } from '@opentelemetry/api'
import type { AttributeReader } from './attribute-reader'
import { httpStatus } from './http-block'

interface Outcome {
  readonly error: true | undefined
  readonly throttle: true | undefined
  readonly fault: true | undefined
}

// What AWS services throttle with; some do so with status 400.
const THROTTLING = /Throttl|TooManyRequests|RequestLimitExceeded|ProvisionedThroughputExceeded|SlowDown/

/** 4xx is `error`, 429 also `throttle`, 5xx `fault`; without such a status a span that ended with an error is a `fault`. */
export function outcome({ statusCode }: SpanRecord, attributes: AttributeReader): Outcome {
  const status = httpStatus(attributes)
  const isThrottled = status === 429 || THROTTLING.test(attributes.peekText('error.type') ?? '')
  const isServerFault = status !== undefined && status >= 500 && status < 600
  const isError = !isServerFault && (isThrottled || (status !== undefined && status >= 400 && status < 500))
  const isFault = isServerFault || (!isError && statusCode === SpanStatusCode.ERROR)
  return { error: isError || undefined, throttle: isThrottled || undefined, fault: isFault || undefined }
}

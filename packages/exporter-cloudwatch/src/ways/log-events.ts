import { awsAnswer, awsErrorOf } from '@hashira/aws'
import type { Batch } from '@hashira/core'
import type { InterpretResponse, Rejected } from '@hashira/delivery'
import { metricsIn } from '../emf/line-framing'
import type { BatchFraming } from '../framed-batches'
import type { LogPlace } from '../log-place'

/**
 * AWS takes 1 MiB in a PutLogEvents request, counted as the texts with 26 bytes for each, and 10,000 events. A batch has half: more
 * would hold up the event loop while it is put together.
 */
const MAX_BYTES = 512 * 1024
const EVENT_BYTES = 26
const MAX_EVENTS = 10_000

/** The result of a try whose group or stream is not there. */
export const PLACE_MISSING = 'log_stream_missing'

/** The body of `PutLogEvents` in awsJson1.1; all events have one time, so neither their order nor a day's span is an issue. */
export function logEventsFraming(place: LogPlace, timestampMs: number): BatchFraming {
  const { logGroupName: group, logStreamName: stream } = place
  return {
    head: `{"logGroupName":${JSON.stringify(group)},"logStreamName":${JSON.stringify(stream)},"logEvents":[`,
    between: ',',
    tail: ']}',
    frame: (document) => `{"timestamp":${timestampMs},"message":${JSON.stringify(document)}}`,
    // Counted of the escaped text, which is longer than what AWS counts.
    maxBytes: MAX_BYTES,
    maxDocuments: MAX_EVENTS,
    overheadBytes: EVENT_BYTES,
  }
}

/** Where the events of a batch go to. */
export function placeOf({ bytes }: Batch): LogPlace {
  const { logGroupName, logStreamName } = JSON.parse(Buffer.from(bytes).toString()) as LogPlace
  return { logGroupName, logStreamName }
}

/** Events that are too old, too new or past their retention are refused, the others of the request are taken. */
export const readPutLogEvents: InterpretResponse = (status, body, headers, batch) => {
  if (awsErrorOf(body, headers).code === 'ResourceNotFoundException')
    return { outcome: 'retry', reason: PLACE_MISSING, message: 'the log group or stream is missing' }
  return awsAnswer(status, body, headers) ?? refusedEvents(body, batch)
}

interface RejectedLogEventsInfo {
  /** The first of those that are too new, up to the end. */
  readonly tooNewLogEventStartIndex?: number
  /** Behind the last of those that are too old. */
  readonly tooOldLogEventEndIndex?: number
  readonly expiredLogEventEndIndex?: number
}

function refusedEvents(body: Uint8Array, batch: Batch): Rejected | undefined {
  const { rejectedLogEventsInfo: info } = JSON.parse(Buffer.from(body).toString()) as {
    rejectedLogEventsInfo?: RejectedLogEventsInfo | null
  }
  if (info === undefined || info === null) return undefined
  const { logEvents } = JSON.parse(Buffer.from(batch.bytes).toString()) as {
    logEvents: readonly { readonly message: string }[]
  }
  const { tooNewLogEventStartIndex, tooOldLogEventEndIndex = 0, expiredLogEventEndIndex = 0 } = info
  const first = Math.max(tooOldLogEventEndIndex, expiredLogEventEndIndex)
  const end = tooNewLogEventStartIndex ?? logEvents.length
  const refused = logEvents.filter((_, i) => i < first || i >= end)
  const itemCount = refused.reduce((count, { message }) => count + metricsIn(message), 0)
  const indexes = Object.entries(info).map(([name, index]) => `${name} ${index}`)
  return itemCount === 0 ? undefined : { itemCount, message: indexes.join(', ') }
}

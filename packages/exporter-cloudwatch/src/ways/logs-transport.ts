import type { Batch, HttpRequest, SendResult, Transport } from '@hashira/core'
import type { HttpTransport } from '@hashira/delivery'
import { PLACE_MISSING, placeOf } from './log-events'

export interface LogsCalls {
  readonly putLogEvents: HttpTransport
  readonly createLogGroup: HttpTransport
  readonly createLogStream: HttpTransport
}

/** `PutLogEvents`; a log group or stream that is not there is made, by whoever is first of several processes. */
export class LogsTransport implements Transport {
  readonly destination: string
  readonly timeoutMs: number
  readonly #calls: LogsCalls
  #creating: Promise<SendResult> | undefined

  constructor(calls: LogsCalls) {
    this.#calls = calls
    this.destination = calls.putLogEvents.destination
    // To try, make the group, make the stream, and try again.
    this.timeoutMs = calls.putLogEvents.timeoutMs * 4
  }

  async send(batch: Batch, abort: AbortSignal): Promise<SendResult> {
    const { putLogEvents } = this.#calls
    const result = await putLogEvents.send(batch, abort)
    if (result.outcome !== 'retry' || result.reason !== PLACE_MISSING) return result
    this.#creating ??= this.#create(batch, abort).finally(() => {
      this.#creating = undefined
    })
    const created = await this.#creating
    return created.outcome === 'delivered' ? putLogEvents.send(batch, abort) : created
  }

  toRequest(batch: Batch): HttpRequest {
    return this.#calls.putLogEvents.toRequest(batch)
  }

  close(): void {
    for (const call of Object.values(this.#calls)) call.close()
  }

  async #create(batch: Batch, abort: AbortSignal): Promise<SendResult> {
    const { logGroupName, logStreamName } = placeOf(batch)
    const { createLogGroup, createLogStream } = this.#calls
    const stream = bodyOf({ logGroupName, logStreamName })
    const made = await createLogStream.send(stream, abort)
    // The stream first: who may not make groups has one already.
    if (made.outcome !== 'retry' || made.reason !== PLACE_MISSING) return made
    const group = await createLogGroup.send(bodyOf({ logGroupName }), abort)
    return group.outcome === 'delivered' ? createLogStream.send(stream, abort) : group
  }
}

function bodyOf(value: object): Batch {
  return { bytes: Buffer.from(JSON.stringify(value)), itemCount: 0 }
}

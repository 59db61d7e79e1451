import type { IncomingHttpHeaders } from 'node:http'
import type { Batch, SendResult, Transport, TransportRequest } from '@hashira/core'
import { HttpTransport } from '@hashira/delivery'
import { sampling } from '../sampling/sampling-state'
import type { AgentLink } from './agent-link'
import { PROTOCOL_VERSIONS, type ProtocolVersion } from './agent-offer'
import { HEAD_LENGTH, type PayloadHead, readHead } from './payload-head'

export interface TraceTransportOptions {
  readonly link: AgentLink
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly onClose?: (() => void) | undefined
}

/** A payload without its head, which the headers of its request are made of. */
class Payload implements Batch {
  readonly bytes: Uint8Array
  readonly itemCount: number
  readonly head: PayloadHead

  constructor({ bytes, itemCount }: Batch) {
    this.head = readHead(bytes)
    this.bytes = bytes.subarray(HEAD_LENGTH)
    this.itemCount = itemCount
  }
}

/** Batches to `/v0.4/traces`, `/v0.5/traces` or `/v1.0/traces`, whichever they are written for; answers set the sampling rates. */
export class TraceTransport implements Transport {
  readonly destination: string
  readonly timeoutMs: number
  readonly #link: AgentLink
  readonly #onClose: (() => void) | undefined
  readonly #byVersion: Readonly<Record<ProtocolVersion, HttpTransport>>

  constructor({ link, headers, timeoutMs, onClose }: TraceTransportOptions) {
    const { url, socketPath } = link.address
    this.#link = link
    this.#onClose = onClose
    this.timeoutMs = timeoutMs
    const transports = PROTOCOL_VERSIONS.map((version) => {
      const transport = new HttpTransport({
        url: `${url}/v${version}/traces`,
        socketPath,
        method: 'PUT',
        contentType: 'application/msgpack',
        // The agent tells the truth only who asks for it: otherwise it says 200 and drops.
        headers: {
          ...headers,
          'datadog-client-computed-top-level': 'yes',
          'datadog-send-real-http-status': 'true',
        },
        headersOf: (batch) => headersOf((batch as Payload).head),
        timeoutMs,
        retryableStatuses: [408],
        interpretEveryStatus: true,
        interpretResponse: (status, body, answer) => this.#readAnswer(version, status, body, answer),
      })
      return [version, transport] as const
    })
    this.#byVersion = Object.fromEntries(transports) as Record<ProtocolVersion, HttpTransport>
    this.destination = socketPath === undefined ? new URL(url).origin : `unix://${socketPath}`
  }

  async send(batch: Batch, abort: AbortSignal): Promise<SendResult> {
    let payload: Payload
    try {
      payload = new Payload(batch)
    } catch (error) {
      return { outcome: 'drop', reason: 'request_invalid', message: String(error) }
    }
    const { traces, spans } = sampling.takeDropped()
    const dropped = { ...payload, head: { ...payload.head, droppedTraces: traces, droppedSpans: spans } }
    const result = await this.#byVersion[payload.head.version].send(dropped, abort)
    if (result.outcome !== 'delivered') sampling.putBackDropped(traces, spans)
    return result
  }

  toRequest(batch: Batch): TransportRequest {
    const payload = new Payload(batch)
    return this.#byVersion[payload.head.version].toRequest(payload)
  }

  close(): void {
    for (const transport of Object.values(this.#byVersion)) transport.close()
    this.#link.close()
    this.#onClose?.()
  }

  #readAnswer(
    version: ProtocolVersion,
    status: number,
    body: Uint8Array,
    headers: IncomingHttpHeaders,
  ): undefined {
    const state = headers['datadog-agent-state']
    this.#link.sawState(typeof state === 'string' ? state : undefined)
    if (status === 404) this.#link.refused(version)
    if (status === 200) sampling.rates.update(body)
    return undefined
  }
}

interface SentHead extends PayloadHead {
  readonly droppedTraces?: number | undefined
  readonly droppedSpans?: number | undefined
}

/** What the sampler drops the agent counts in, or its rates would rise and rise. */
function headersOf({ chunkCount, inStatistics, droppedTraces = 0, droppedSpans = 0 }: SentHead) {
  return {
    'x-datadog-trace-count': String(chunkCount),
    ...(inStatistics ? { 'datadog-client-computed-stats': 'yes' } : undefined),
    ...(droppedTraces > 0 ? { 'datadog-client-dropped-p0-traces': String(droppedTraces) } : undefined),
    ...(droppedSpans > 0 ? { 'datadog-client-dropped-p0-spans': String(droppedSpans) } : undefined),
  }
}

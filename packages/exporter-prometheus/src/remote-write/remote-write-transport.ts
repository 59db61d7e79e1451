import type { Batch, HttpRequest, SendResult, Transport } from '@hashira/core'
import { HttpTransport, type InterpretResponse } from '@hashira/delivery'
import type { PrometheusSettings } from '../options'
import { pushHeaders } from '../push-headers'
import type { Snappy } from '../snappy'
import { VERSION } from '../version'
import { isVersion2, toVersion1 } from './to-version-1'

type Version = '1.0' | '2.0'

/** What only the protocol says, whatever the user's headers are. */
const PROTOCOL: Readonly<Record<Version, { contentType: string; version: string }>> = {
  '1.0': { contentType: 'application/x-protobuf', version: '0.1.0' },
  '2.0': { contentType: 'application/x-protobuf;proto=io.prometheus.write.v2.Request', version: '2.0.0' },
}
const UNSUPPORTED = 'http_415'
/** "MUST retry write requests on 5xx". */
const RETRYABLE = Array.from({ length: 100 }, (_, i) => 500 + i)

/**
 * Requests of remote write, compressed as they are sent. With `auto` it is 2.0 until the receiver says that it does not take it:
 * with 415, with a 2xx that counts nothing as written, or with a 400 before it ever took one (2.0 specification, "Unsupported
 * Request Content", "Required Written Response Headers").
 */
export class RemoteWriteTransport implements Transport {
  readonly destination: string
  readonly timeoutMs: number
  readonly #snappy: Snappy
  readonly #ends: () => Iterable<Batch | undefined>
  readonly #inner: Readonly<Record<Version, HttpTransport>>
  #version: Version
  /** Nothing more is to be found out. */
  #settled: boolean
  #used = false

  constructor(
    url: string,
    settings: PrometheusSettings,
    snappy: Snappy,
    ends: () => Iterable<Batch | undefined>,
  ) {
    const { remoteWriteProtocol, pushTimeoutMs } = settings
    this.#snappy = snappy
    this.#ends = ends
    this.#version = remoteWriteProtocol === '1.0' ? '1.0' : '2.0'
    this.#settled = remoteWriteProtocol !== 'auto'
    const inner = (version: Version) =>
      new HttpTransport({
        url,
        contentType: PROTOCOL[version].contentType,
        headers: reserved(pushHeaders(settings), version),
        timeoutMs: pushTimeoutMs,
        retryableStatuses: RETRYABLE,
        ...(version === '2.0' && { interpretResponse: readWritten, interpretEveryStatus: true }),
      })
    this.#inner = { '1.0': inner('1.0'), '2.0': inner('2.0') }
    this.destination = this.#inner['1.0'].destination
    this.timeoutMs = pushTimeoutMs
  }

  /** In which to encode. */
  get version(): Version {
    return this.#version
  }

  async send(batch: Batch, abort: AbortSignal): Promise<SendResult> {
    this.#used = true
    if (!isVersion2(batch.bytes)) return this.#sendAs('1.0', batch, abort)
    if (this.#version === '1.0') return this.#sendAs('1.0', asVersion1(batch), abort)
    const result = withCount(batch, await this.#sendAs('2.0', batch, abort))
    if (result.outcome === 'delivered') this.#settled = true
    if (this.#settled || result.outcome !== 'drop') return result
    return this.#fallBack(batch, result, abort)
  }

  toRequest(batch: Batch): HttpRequest {
    const is2 = isVersion2(batch.bytes) && this.#version === '2.0'
    return this.#inner[is2 ? '2.0' : '1.0'].toRequest(this.#compressed(is2 ? batch : asVersion1(batch)))
  }

  /** Ends the series that were written, where that is wanted. */
  async close(): Promise<void> {
    if (this.#used) {
      const { signal } = new AbortController()
      for (const batch of this.#ends()) {
        if (batch !== undefined && (await this.send(batch, signal)).outcome !== 'delivered') break
      }
    }
    for (const inner of Object.values(this.#inner)) inner.close()
  }

  /** The same in 1.0; it decides when that is taken, or when 2.0 was refused as such. */
  async #fallBack(batch: Batch, refusal: SendResult, abort: AbortSignal): Promise<SendResult> {
    const { reason } = refusal as SendResult & { outcome: 'drop' }
    if (reason !== UNSUPPORTED && reason !== 'http_400') return refusal
    const result = await this.#sendAs('1.0', asVersion1(batch), abort)
    if (result.outcome === 'delivered' || reason === UNSUPPORTED) {
      this.#version = '1.0'
      this.#settled = true
    }
    return result
  }

  #sendAs(version: Version, batch: Batch, abort: AbortSignal): Promise<SendResult> {
    return this.#inner[version].send(this.#compressed(batch), abort)
  }

  #compressed({ bytes, itemCount }: Batch): Batch {
    return { bytes: this.#snappy.compress(bytes), itemCount }
  }
}

function reserved(headers: Record<string, string>, version: Version): Record<string, string> {
  return {
    ...headers,
    'content-type': PROTOCOL[version].contentType,
    'content-encoding': 'snappy',
    'user-agent': `hashira/${VERSION}`,
    'x-prometheus-remote-write-version': PROTOCOL[version].version,
  }
}

/** `rejected` says what was written, until {@link withCount} knows of how much. */
const readWritten: InterpretResponse = (status, body, headers) => {
  const written = headers['x-prometheus-remote-write-samples-written']
  const isSuccess = status >= 200 && status < 300
  const message = Buffer.from(body).subarray(0, 1_000).toString('utf8')
  if (written === undefined)
    return isSuccess
      ? { outcome: 'drop', reason: UNSUPPORTED, message: 'the receiver does not know remote write 2.0' }
      : undefined
  const isPartial = status === 400 && Number(written) > 0
  return isSuccess || isPartial ? { itemCount: Number(written), message } : undefined
}

function withCount({ itemCount }: Batch, result: SendResult): SendResult {
  if (result.outcome !== 'delivered' || result.rejected === undefined) return result
  const { itemCount: written, message } = result.rejected
  const missing = Number.isSafeInteger(written) ? Math.max(itemCount - written, 0) : 0
  return missing === 0
    ? { outcome: 'delivered' }
    : { outcome: 'delivered', rejected: { itemCount: missing, message } }
}

function asVersion1(batch: Batch): Batch {
  return isVersion2(batch.bytes) ? { ...batch, bytes: toVersion1(batch.bytes) } : batch
}

import type { Batch, SendResult } from '@hashira/core'
import { HttpTransport } from '@hashira/delivery'
import { readPartialSuccess } from './partial-success'
import type { SignalSettings } from './signal-settings'
import { VERSION } from './version'

/** A distribution's name goes in front of the exporter's (OTLP exporter specification). */
const USER_AGENT = `hashira/${VERSION} OTel-OTLP-Exporter-JavaScript/${VERSION}`

/** Of a request before it is compressed (OTLP 1.11): servers need not take more, so it is not even sent. */
const MAX_REQUEST_BYTES = 64 * 1024 * 1024

/** OTLP over HTTP, for one signal. */
export class OtlpTransport extends HttpTransport {
  constructor(settings: SignalSettings) {
    super({
      url: settings.url,
      headers: settings.headers,
      userAgent: USER_AGENT,
      contentType: settings.protocol === 'http/json' ? 'application/json' : 'application/x-protobuf',
      compression: settings.compression,
      timeoutMs: settings.timeoutMs,
      ca: settings.ca,
      cert: settings.cert,
      key: settings.key,
      interpretResponse: (_status, body) => readPartialSuccess(body),
    })
  }

  override async send(batch: Batch, abort: AbortSignal): Promise<SendResult> {
    const { byteLength } = batch.bytes
    if (byteLength <= MAX_REQUEST_BYTES) return super.send(batch, abort)
    const message = `${byteLength} bytes, OTLP allows ${MAX_REQUEST_BYTES} in a request`
    return { outcome: 'drop', reason: 'too_large', message }
  }
}

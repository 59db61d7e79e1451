import {
  type Batch,
  currentResource,
  type HttpRequest,
  type Resource,
  type SendResult,
  type Transport,
} from '@hashira/core'
import { HttpTransport, type HttpTransportOptions } from '@hashira/delivery'
import type { PrometheusSettings } from '../options'
import { pushHeaders } from '../push-headers'
import { pushTarget } from '../push-target'
import { textFormat } from '../text-format'
import { groupPath } from './group-path'

const EMPTY: Batch = { bytes: new Uint8Array(0), itemCount: 0 }

/** To the path of the group, which is known when the resource is. */
export class PushgatewayTransport implements Transport {
  readonly destination: string
  readonly timeoutMs: number
  readonly #url: string
  readonly #settings: PrometheusSettings
  #resource: Resource | undefined
  #inner: HttpTransport | undefined

  constructor(url: string, settings: PrometheusSettings) {
    this.#url = url
    this.#settings = settings
    this.timeoutMs = settings.pushTimeoutMs
    this.destination = new HttpTransport({ url, contentType: '' }).destination
  }

  /** Whose metrics they are. Without this, e.g. for what the spool kept: the resource of the process. */
  describe(resource: Resource): void {
    if (this.#inner === undefined) this.#resource = resource
  }

  send(batch: Batch, abort: AbortSignal): Promise<SendResult> {
    return this.#transport().send(batch, abort)
  }

  toRequest(batch: Batch): HttpRequest {
    return this.#transport().toRequest(batch)
  }

  /** Deletes the group where that is wanted and something was pushed. */
  async close(): Promise<void> {
    const inner = this.#inner
    if (inner === undefined) return
    inner.close()
    if (!this.#settings.deleteAtShutdown) return
    const deleting = new HttpTransport({ ...this.#options(), method: 'DELETE' })
    await deleting.send(EMPTY, new AbortController().signal)
    deleting.close()
  }

  #transport(): HttpTransport {
    this.#inner ??= new HttpTransport({ ...this.#options(), method: this.#settings.pushgatewayMethod })
    return this.#inner
  }

  #options(): HttpTransportOptions {
    const { job } = pushTarget(this.#resource ?? currentResource(), this.#settings)
    const url = new URL(this.#url)
    url.pathname = url.pathname.replace(/\/+$/, '') + groupPath(job, this.#settings.groupingKey)
    return {
      url: url.href,
      contentType: textFormat.contentType,
      headers: pushHeaders(this.#settings),
      timeoutMs: this.timeoutMs,
      // 500: its disk is full, or it is starting.
      retryableStatuses: [500],
    }
  }
}

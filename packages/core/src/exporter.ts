import type { LogRecord } from './log-record'
import type { MetricSnapshot } from './metric-snapshot'
import type { Resource } from './resource'
import type { Sampler } from './sampler'
import type { SpanRecord } from './span-record'

export type Signal = 'traces' | 'metrics' | 'logs'

/**
 * A backend: for each signal that it takes, an encoder plus a transport. Everything between the two (batches, a bound in
 * bytes, retry, drain, the account) is delivery's, once for all exporters.
 *
 * A factory with the backend's name makes one (`jaeger(options?)`), reads its own environment variables and throws a
 * coded error for bad options; it opens nothing before Hashira starts.
 */
export interface Exporter {
  /** The backend's name as in `OTEL_TRACES_EXPORTER`: `jaeger`. */
  readonly name: string
  readonly traces?: PushTraces | undefined
  /** A list when metrics leave in several ways: fetched, and pushed at the end of a short-lived job. */
  readonly metrics?: PushMetrics | PullMetrics | readonly (PushMetrics | PullMetrics)[] | undefined
  readonly logs?: PushLogs | undefined
  /** Decides while the app has chosen no sampler and this exporter takes the traces: a backend whose agent sets the rates. */
  readonly sampler?: Sampler | undefined
}

export interface PushTraces {
  readonly transport: Transport
  /** Batch limits that the backend wants or its environment variables set; delivery's defaults fill the rest. */
  readonly limits?: Partial<BatchLimits> | undefined
  createEncoder(resource: Resource): SpanEncoder
  /** Sees every recorded span, also those that are not sampled and so never encoded: for statistics about all of them. */
  readonly observer?: SpanObserver | undefined
  /** Statistics that go to the backend with the spans, whoever takes the metrics. */
  readonly statistics?: PushMetrics | undefined
  /** New trace ids begin with the Unix time in seconds (8 hex digits), which X-Ray wants. Default `false`: all random. */
  readonly timedTraceIds?: boolean | undefined
}

/** `onEnd` is called in the app's request, keeps nothing of the record, and never throws. */
export interface SpanObserver {
  onEnd(record: SpanRecord, sampled: boolean): void
}

export interface PushLogs {
  readonly transport: Transport
  readonly limits?: Partial<BatchLimits> | undefined
  createEncoder(resource: Resource): LogEncoder
}

export interface PushMetrics {
  readonly kind: 'push'
  /** Tells several ways apart in messages and in the account: `prometheus.remote_write`. Default: the exporter's name. */
  readonly name?: string | undefined
  readonly transport: Transport
  readonly temporality: 'cumulative' | 'delta'
  /** How often a snapshot is sent. Default 60,000 (`OTEL_METRIC_EXPORT_INTERVAL`). */
  readonly intervalMs?: number | undefined
  readonly limits?: Partial<BatchLimits> | undefined
  /** `false`: it encodes what it counts itself. No metric source is read for it, and the snapshot is empty. Default `true`. */
  readonly needsSnapshot?: boolean | undefined
  /**
   * Wants exponential histograms where no view says otherwise. It then holds for the whole process, as every exporter reads the same
   * metrics; Prometheus' text formats show them with explicit buckets.
   */
  readonly histogramAggregation?: 'base2_exponential_bucket_histogram' | undefined
  /**
   * Encodes a snapshot into one or more batches. The pipeline pulls them one by one, and lets others have a turn in between: a
   * generator keeps a snapshot of thousands of series from blocking the event loop. It may also yield `undefined`, when it has
   * worked for some milliseconds and no batch is full yet.
   */
  encode(snapshot: MetricSnapshot, resource: Resource): Iterable<Batch | undefined>
}

/** A backend that comes to fetch, as Prometheus does. */
export interface PullMetrics {
  readonly kind: 'pull'
  /**
   * Starts listening. Resolves to the URL to tell the user, or `undefined` when it does not listen (switched off, or the
   * port is taken, which it says itself). Never rejects. The listener must not keep the process alive.
   */
  open(host: PullHost): Promise<string | undefined>
  close(): Promise<void>
}

export interface PullHost {
  readonly resource: Resource
  /** Never rejects. A source that has not answered when `expired` resolves is left out and counted. */
  collect(expired?: Promise<unknown>): Promise<MetricSnapshot>
}

/** Where records go: one per exporter and signal, made by delivery and fed by tracing or logs. Neither call throws. */
export interface Sink<Record> {
  append(record: Record): void
  /** A record ended but is not handed over, e.g. `hook` dropped it. Counts as ended and dropped. */
  refuse(reason: string): void
}

export type SpanSink = Sink<SpanRecord>
export type LogSink = Sink<LogRecord>

/**
 * Turns records into the bytes of one batch at a time.
 *
 * `append` is called in the app's request: it must be fast, and must keep nothing of the record. When it throws, the open
 * batch must be as it was before: the record is dropped alone, with the reason `encode_error`.
 */
export interface Encoder<Record> {
  /**
   * How many records may wait to be appended in a row, which is cheaper for the app's requests. Default 1: each at once. For encoders
   * that read nothing but the record.
   */
  readonly groupSize?: number | undefined
  append(record: Record): void
  /** Of the open batch, as far as known: what the memory bound counts. */
  readonly byteLength: number
  readonly itemCount: number
  /** Closes the open batch and starts the next. Called only when `itemCount` > 0. The bytes belong to the caller. */
  take(): Batch
}

export type SpanEncoder = Encoder<SpanRecord>
export type LogEncoder = Encoder<LogRecord>

export interface Batch {
  readonly bytes: Uint8Array
  readonly itemCount: number
}

export interface BatchLimits {
  /** Items in a batch (`OTEL_BSP_MAX_EXPORT_BATCH_SIZE`), default 512. */
  readonly maxBatchItems: number
  /** Bytes at which a batch is closed, default 1 MiB. */
  readonly maxBatchBytes: number
  /** How long an item waits for its batch to fill (`OTEL_BSP_SCHEDULE_DELAY`), default 5,000, logs 1,000. */
  readonly intervalMs: number
  /** Bytes that may wait, open batch and requests under way included, default 64 MiB. Beyond it the oldest waiting batch is dropped. */
  readonly maxQueueBytes: number
  /** Items that may wait (`OTEL_BSP_MAX_QUEUE_SIZE`), default unlimited: bytes are the bound. */
  readonly maxQueueItems: number
  /** Requests under way at once, default 4. */
  readonly maxInFlight: number
  /** The longest that one request may take (`OTEL_BSP_EXPORT_TIMEOUT`), default and 0 unlimited: the transport's own limit holds. */
  readonly exportTimeoutMs: number
}

/** Carries one batch to the backend. */
export interface Transport {
  /** Where to, for people: a URL without credentials. */
  readonly destination: string
  /** The longest that one `send` takes by itself, default 30,000; delivery gives it up a second later. */
  readonly timeoutMs?: number | undefined
  /** `false`: its batches mean nothing outside of this process, so they are never spooled. Default `true`. */
  readonly spoolable?: boolean | undefined
  /** Tries once. Never rejects: what happened is the result. Several calls may be under way at once. */
  send(batch: Batch, abort: AbortSignal): Promise<SendResult>
  /**
   * The batch as something that anybody can send, for the last attempt while the process exits: synchronous, and plain data
   * only. Absent when the transport has no such form; throws when this batch has none.
   */
  toRequest?(batch: Batch): TransportRequest
  /** Delivers synchronously, for the last attempt while the process exits; `false` when it could not. */
  sendSync?(batch: Batch): boolean
  /** The last call. A shutdown waits for what it resolves to, until its deadline: a last word to the backend. */
  close?(): void | Promise<void>
}

export type TransportRequest = HttpRequest | DatagramRequest | StreamRequest

export interface HttpRequest {
  readonly protocol?: 'http' | undefined
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** Path of a unix socket, in place of the URL's host and port. */
  readonly socketPath?: string | undefined
  /** Options for `tls.connect`: PEM texts. */
  readonly tls?:
    | {
        readonly ca?: string | undefined
        readonly cert?: string | undefined
        readonly key?: string | undefined
      }
    | undefined
}

/** UDP: delivered when the operating system took every datagram. */
export interface DatagramRequest {
  readonly protocol: 'udp'
  readonly host: string
  readonly port: number
  readonly datagrams: readonly Uint8Array[]
}

/** TCP (`host` and `port`) or a unix stream socket (`path`): delivered when the operating system took all bytes. */
export interface StreamRequest {
  readonly protocol: 'stream'
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly path?: string | undefined
  readonly bytes: Uint8Array
}

export type SendResult =
  | {
      readonly outcome: 'delivered'
      readonly rejected?: { readonly itemCount: number; readonly message: string } | undefined
    }
  /** May work later. `afterMs` is what the backend asked for. `reason` is a short fixed word: `http_503`, `connection`, `timeout_after_send`. */
  | {
      readonly outcome: 'retry'
      readonly reason: string
      readonly afterMs?: number | undefined
      readonly message?: string | undefined
    }
  /** Will never work. */
  | { readonly outcome: 'drop'; readonly reason: string; readonly message?: string | undefined }

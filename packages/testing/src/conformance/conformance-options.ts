import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import type { Exporter, MetricSnapshot, Signal } from '@hashira/core'
import type { SpanCopy } from '../span-copy'
import type { LogCopy } from './log-copy'

/** Where the exporter under test sends to. */
export interface ConformanceTarget {
  /** `http://127.0.0.1:PORT` (or `https:`), `udp://…`, `tcp://…`; `stream:` for a stream. */
  readonly url: string
  readonly host: string
  readonly port: number
  /** What one request may take: short where the backend hangs. */
  readonly timeoutMs: number
  /** For an exporter that writes to a stream such as stdout. */
  readonly stream: Writable
}

/** What arrived: one request, one datagram, or all that was written to a connection or stream. */
export interface ReceivedMessage {
  readonly body: Buffer
  /** Only of HTTP. */
  readonly url?: string | undefined
  readonly headers?: IncomingMessage['headers'] | undefined
}

/** A span as the format tells it. What a decoder leaves out is not compared. */
export type DecodedSpan = Pick<SpanCopy, 'spanId'> &
  Partial<SpanCopy> & {
    /** Of the resource: `service.name`, which is `conformance`. */
    readonly serviceName?: string | undefined
  }

/** A log record as the format tells it: its time, by which it is found again, and all else that the format has. */
export type DecodedLog = Pick<LogCopy, 'timeUnixMs'> & Partial<LogCopy>

/** What was given to the exporter, for comparison with what arrived. */
export interface ExpectedSpan extends SpanCopy {
  readonly serviceName: string
}

export interface TracesConformance {
  /**
   * The spans in one message. An independent decoder, not the inverse of the encoder. `undefined` only where there can be none, as
   * the output is for people: then the account alone is checked.
   */
  readonly decode: ((message: ReceivedMessage) => readonly DecodedSpan[]) | undefined
  /** What the format makes of a span where that differs: tags that are all text, fields that it has no place for. */
  readonly expected?: ((span: ExpectedSpan) => Partial<ExpectedSpan>) | undefined
}

export interface MetricsConformance {
  /** How many items a message holds, counted as the exporter's batches count them. */
  readonly countItems: (message: ReceivedMessage) => number
  /** Throws when `messages` do not say what `snapshot` (see `goldenMetrics`) does. */
  readonly check?: ((messages: readonly ReceivedMessage[], snapshot: MetricSnapshot) => void) | undefined
  /** Which of several push streams of the exporter; default the first. */
  readonly stream?: string | undefined
}

export interface LogsConformance {
  /** The records in one message. */
  readonly decode: (message: ReceivedMessage) => readonly DecodedLog[]
  readonly expected?: ((log: LogCopy) => Partial<LogCopy>) | undefined
}

export interface ConformanceOptions {
  /** For the titles of the tests: `zipkin as protobuf`. */
  readonly name: string
  /** Makes the exporter, pointed at `target` and with its timeout. Called for every test. */
  readonly create: (target: ConformanceTarget) => Exporter
  /**
   * What the exporter talks to: an HTTP server (default), a UDP or TCP port, or a writable stream. Only HTTP has all the faults;
   * the others have those that apply.
   */
  readonly backend?: 'http' | 'udp' | 'tcp' | 'stream' | undefined
  /** Each signal that is given here is tested. */
  readonly traces?: TracesConformance | undefined
  readonly metrics?: MetricsConformance | undefined
  readonly logs?: LogsConformance | undefined
  /**
   * Cases that the format can't take, with the reasons under which they may be dropped: `{ huge: ['too_large', 'rejected'] }`, the
   * second for one that is in a batch with others.
   */
  readonly mayDrop?: Readonly<Record<string, readonly string[]>> | undefined
  /** Keys and passwords that `create` gives to the exporter: they may appear in no line and no account. */
  readonly secrets?: readonly string[] | undefined
  /** Answers what is no telemetry, e.g. an agent's `/info`, and says so with `true`. */
  readonly answerAside?: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined
  /** `false` for a backend that is never spoken to over TLS, such as a local agent. Default `true`. */
  readonly https?: boolean | undefined
  /** The backend's answer when all is well. Default 200 without a body. */
  readonly success?: ConformanceAnswer | undefined
  /** The answer that says that `rejected` of `total` items were not taken; leave it out where the protocol has no such thing. */
  readonly partialSuccess?:
    | ((rejected: number, total: number, signal: Signal) => ConformanceAnswer)
    | undefined
  /** How long a test waits for what must come. Default 30,000: a machine may be busy with something else. */
  readonly patienceMs?: number | undefined
  /** Statuses to try again on. Default 429, 502, 503, 504. */
  readonly retryableStatuses?: readonly number[] | undefined
  /** Statuses that are final. Default 400, 413. */
  readonly finalStatuses?: readonly number[] | undefined
}

export interface ConformanceAnswer {
  readonly status?: number | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | Uint8Array | undefined
}

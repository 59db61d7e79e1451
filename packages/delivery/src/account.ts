import type { Signal } from '@hashira/core'

export type DeliveryState = 'ok' | 'failing'

/**
 * What became of everything one exporter was given, at every moment:
 * `ended + recovered = delivered + sum(dropped) + pending + spooled`. Without a spool, `recovered` and `spooled` are 0.
 */
export interface ExporterAccount {
  readonly exporter: string
  readonly signal: Signal
  /** Where to: a URL without credentials and query. */
  readonly destination: string
  /** Items (spans, data points) that were handed over. */
  readonly ended: number
  /** Items that the backend acknowledged. */
  readonly delivered: number
  /** Items that are lost, by reason: `queue_full`, `encode_error`, `http_400`, `rejected`, `shutdown_timeout`, … */
  readonly dropped: Readonly<Record<string, number>>
  /** Items in the open batch, waiting (in memory, or only in the spool), or in a request under way. */
  readonly pending: number
  /** Items that were left in the spool for the next run, when this one ended. */
  readonly spooled: number
  /** Items that an earlier run had left in the spool, and this one took over. */
  readonly recovered: number
  /** Bytes that the pending items take in memory. */
  readonly queueBytes: number
  /** Bytes of spool files. */
  readonly spoolBytes: number
  /** Spool files of earlier runs that were not whole: what follows their last whole batch is lost, how much nobody knows. */
  readonly spoolTorn: number
  /** Requests that repeated an earlier one. */
  readonly retries: number
  /** `failing` while the destination can't be reached, asks to wait, or refuses what it gets. */
  readonly state: DeliveryState
  readonly lastSuccessUnixMs?: number | undefined
  readonly lastError?: string | undefined
  /** The fixed word that `lastError` begins with: `http_503`, `connection`. */
  readonly lastErrorReason?: string | undefined
  readonly lastErrorUnixMs?: number | undefined
}

const MAX_REASONS = 64

/** The counters behind an {@link ExporterAccount}. What is pending is not kept here but counted where it is held. */
export class Account {
  ended = 0
  delivered = 0
  droppedTotal = 0
  retries = 0
  lastSuccessUnixMs: number | undefined
  lastError: string | undefined
  lastErrorReason: string | undefined
  lastErrorUnixMs: number | undefined
  spooled = 0
  recovered = 0
  readonly dropped = new Map<string, number>()
  /** The part of `dropped` that an export attempt ended in, for `otel.sdk.exporter.span.exported`. */
  readonly exportFailures = new Map<string, number>()

  deliver(items: number): void {
    this.delivered += items
    this.lastSuccessUnixMs = Date.now()
  }

  /** A request failed; returns what may be said about it. */
  fail(reason: string, message: string | undefined): string {
    this.lastError = message === undefined ? reason : `${reason}: ${message}`
    this.lastErrorReason = reason
    this.lastErrorUnixMs = Date.now()
    return this.lastError
  }

  read() {
    const { ended, delivered, spooled, recovered, retries, lastSuccessUnixMs } = this
    const { lastError, lastErrorReason, lastErrorUnixMs } = this
    const dropped = Object.fromEntries(this.dropped)
    const last = { lastSuccessUnixMs, lastError, lastErrorReason, lastErrorUnixMs }
    return { ended, delivered, dropped, spooled, recovered, retries, ...last }
  }

  /** @param reason a short fixed word; past 64 different ones the rest is `other` */
  drop(items: number, reason: string): void {
    if (items <= 0) return
    this.droppedTotal += items
    add(this.dropped, reason, items)
  }

  /** Dropped because of what the backend answered. */
  failExport(items: number, reason: string): void {
    if (items <= 0) return
    this.drop(items, reason)
    add(this.exportFailures, reason, items)
  }
}

function add(counts: Map<string, number>, reason: string, items: number): void {
  const key = counts.has(reason) || counts.size < MAX_REASONS ? reason : 'other'
  counts.set(key, (counts.get(key) ?? 0) + items)
}

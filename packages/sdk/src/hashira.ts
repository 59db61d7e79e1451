import type { ServiceIdentity } from '@hashira/core'
import type { ExporterAccount } from '@hashira/delivery'

/** What `start()` returns. */
export interface Hashira {
  /** What was recorded, delivered, dropped and why, right now. */
  status(): Status
  /** Sends what is waiting. Resolves to whether all of it left within `timeoutMs` (default `shutdownTimeoutMs`). Never rejects. */
  flush(options?: { timeoutMs?: number | undefined }): Promise<boolean>
  /**
   * Sends what is waiting within `timeoutMs` (default `shutdownTimeoutMs`), then stops everything and leaves nothing behind in the
   * process. Resolves to the final account; calling it again gives the same promise. Never rejects.
   */
  shutdown(options?: { timeoutMs?: number | undefined }): Promise<Status>
}

/**
 * The account. `spans.created = spans.ended + spans.open`, and for each exporter
 * `ended + recovered = delivered + the sum of dropped + pending + spooled`, at every moment; without a spool the second and the
 * last are 0.
 */
export interface Status {
  /** `off` is `OTEL_SDK_DISABLED=true`. */
  readonly state: 'running' | 'off' | 'stopped'
  readonly service: ServiceIdentity
  /** Addresses that metrics are fetched from. */
  readonly metricsUrls: readonly string[]
  /** Recording spans only. */
  readonly spans: { readonly created: number; readonly ended: number; readonly open: number }
  readonly exporters: readonly ExporterAccount[]
  /** What of the app and of Node is observed: `express`, `pino`, `fetch, undici`. */
  readonly hooks: readonly string[]
  /** What was caught instead of thrown into the app, by reason. */
  readonly faults: Readonly<Record<string, number>>
}

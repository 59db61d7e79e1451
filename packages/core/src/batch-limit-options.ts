import type { BatchLimits, Signal } from './exporter'
import { integerOption } from './option-kinds'

/** What {@link batchLimitOptions} offers in code. */
export interface BatchLimitOptions {
  /** Items in a request. Default 512. `OTEL_BSP_MAX_EXPORT_BATCH_SIZE`, `OTEL_BLRP_MAX_EXPORT_BATCH_SIZE`. */
  maxBatchItems?: number | undefined
  /** How long an item waits for its batch to fill. Default 5,000, logs 1,000. `OTEL_BSP_SCHEDULE_DELAY`, `OTEL_BLRP_SCHEDULE_DELAY`. */
  intervalMs?: number | undefined
  /** Items that may wait. Default unlimited: `maxQueueBytes` is the bound. `OTEL_BSP_MAX_QUEUE_SIZE`, `OTEL_BLRP_MAX_QUEUE_SIZE`. */
  maxQueueItems?: number | undefined
  /** Bytes that may wait, per signal. Default 64 MiB. */
  maxQueueBytes?: number | undefined
  /**
   * The longest that one request may take, where the transport's own limit is longer; 0 is no limit. `OTEL_BSP_EXPORT_TIMEOUT`,
   * `OTEL_BLRP_EXPORT_TIMEOUT`, `OTEL_METRIC_EXPORT_TIMEOUT`.
   */
  exportTimeoutMs?: number | undefined
}

/**
 * The rows of an exporter's option table for batches and the queue of one signal, with OpenTelemetry's variables (SDK environment
 * variables: batch span processor `BSP`, batch log record processor `BLRP`; metrics have only the time limit).
 */
export function batchLimitOptions(signal: Signal) {
  const variable = (name: string) =>
    signal === 'metrics' ? '' : `${signal === 'logs' ? 'OTEL_BLRP' : 'OTEL_BSP'}_${name}`
  const timeout = signal === 'metrics' ? 'OTEL_METRIC_EXPORT_TIMEOUT' : variable('EXPORT_TIMEOUT')
  return {
    maxBatchItems: integerOption(variable('MAX_EXPORT_BATCH_SIZE'), undefined, 1),
    intervalMs: integerOption(variable('SCHEDULE_DELAY'), undefined, 0),
    maxQueueItems: integerOption(variable('MAX_QUEUE_SIZE'), undefined, 1),
    maxQueueBytes: integerOption('', undefined, 1),
    exportTimeoutMs: integerOption(timeout, undefined, 0),
  }
}

/** The limits among resolved options: those that are set. */
export function batchLimitsOf(values: BatchLimitOptions): Partial<BatchLimits> {
  const { maxBatchItems, intervalMs, maxQueueItems, maxQueueBytes } = values
  const exportTimeoutMs = values.exportTimeoutMs === 0 ? Number.POSITIVE_INFINITY : values.exportTimeoutMs
  const limits = { maxBatchItems, intervalMs, maxQueueItems, maxQueueBytes, exportTimeoutMs }
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined))
}

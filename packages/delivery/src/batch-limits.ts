import type { BatchLimits, Signal } from '@hashira/core'

const MIB = 1024 * 1024

/**
 * What every pipeline keeps to unless its exporter or the user says otherwise. 64 MiB hold a burst of 100,000 ordinary
 * spans (200 to 500 bytes each as OTLP), so a healthy backend loses none of it.
 */
export const DEFAULT_BATCH_LIMITS: BatchLimits = {
  maxBatchItems: 512,
  maxBatchBytes: MIB,
  intervalMs: 5_000,
  maxQueueBytes: 64 * MIB,
  maxQueueItems: Number.POSITIVE_INFINITY,
  maxInFlight: 4,
  exportTimeoutMs: Number.POSITIVE_INFINITY,
}

/** OpenTelemetry specification: logs wait for a second only (`OTEL_BLRP_SCHEDULE_DELAY`). */
const LOG_INTERVAL_MS = 1_000

/** The defaults with what `given` sets; a batch never gets larger than the queue that has to hold it. */
export function batchLimits(given: Partial<BatchLimits> = {}, signal: Signal = 'traces'): BatchLimits {
  const limits: Record<string, number> = { ...DEFAULT_BATCH_LIMITS }
  if (signal === 'logs') limits['intervalMs'] = LOG_INTERVAL_MS
  for (const [name, value] of Object.entries(given)) if (isLimit(value)) limits[name] = value
  const wanted = limits as unknown as BatchLimits
  return {
    ...wanted,
    maxBatchItems: Math.max(1, Math.min(wanted.maxBatchItems, wanted.maxQueueItems)),
    maxBatchBytes: Math.max(1, Math.min(wanted.maxBatchBytes, wanted.maxQueueBytes)),
    maxInFlight: Math.max(1, wanted.maxInFlight),
    exportTimeoutMs: wanted.exportTimeoutMs || Number.POSITIVE_INFINITY,
  }
}

// An exporter may say anything; NaN in a limit would mean that nothing is ever sent.
function isLimit(value: unknown): value is number {
  return typeof value === 'number' && value >= 0
}

/** For messages: `64 MiB`. */
export function describeBytes(bytes: number): string {
  if (bytes >= MIB) return `${Number((bytes / MIB).toFixed(1))} MiB`
  if (bytes >= 1024) return `${Number((bytes / 1024).toFixed(1))} KiB`
  return `${bytes} bytes`
}

import {
  type BatchLimits,
  batchLimitOptions,
  batchLimitsOf,
  type Environment,
  resolveOptions,
  type Signal,
} from '@hashira/core'

/** OpenTelemetry's variables for batches (`OTEL_BSP_*`, `OTEL_BLRP_*`), for exporters that have no options of their own for it. */
export function environmentLimits(signal: Signal, env: Environment): Partial<BatchLimits> {
  return batchLimitsOf(resolveOptions('start()', batchLimitOptions(signal), undefined, env).values)
}

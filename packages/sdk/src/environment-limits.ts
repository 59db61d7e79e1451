import {
  type BatchLimits,
  batchLimitOptions,
  batchLimitsOf,
  type Environment,
  resolveOptions,
  type Signal,
} from '@hashira/core'

/**
 * The limits of an exporter, over those of the environment.
 * @throws TypeError when an exporter gives something else
 */
export function limitsWith(
  given: Partial<BatchLimits> | undefined,
  signal: Signal,
  env: Environment,
): Partial<BatchLimits> {
  if (given !== undefined && (typeof given !== 'object' || given === null))
    throw new TypeError('its limits are no object')
  return { ...environmentLimits(signal, env), ...given }
}

/** OpenTelemetry's variables for batches (`OTEL_BSP_*`, `OTEL_BLRP_*`), for exporters that have no options of their own for it. */
export function environmentLimits(signal: Signal, env: Environment): Partial<BatchLimits> {
  return batchLimitsOf(resolveOptions('start()', batchLimitOptions(signal), undefined, env).values)
}

import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { getJson } from '../get-json.mjs'

/** What `samplingFile` begins with. */
export const noStrategies = { default_strategy: { type: 'probabilistic', param: 1 }, service_strategies: [] }

/**
 * Adds strategies to a Jaeger's `samplingFile`; it serves them about a second later. Each is in the shape of that file:
 * `{ service, type: 'probabilistic' | 'ratelimiting', param, operation_strategies?: [{ operation, type, param }] }`.
 */
export function addStrategies(samplingFile, ...strategies) {
  const { service_strategies, ...rest } = JSON.parse(readFileSync(samplingFile, 'utf8'))
  const all = { ...rest, service_strategies: [...service_strategies, ...strategies] }
  writeFileSync(`${samplingFile}.new`, JSON.stringify(all))
  renameSync(`${samplingFile}.new`, samplingFile)
}

/** What a service is told at `samplingUrl`. */
export function strategyOf(samplingUrl, service) {
  return getJson(`${samplingUrl}/sampling?${new URLSearchParams({ service })}`)
}

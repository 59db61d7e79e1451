import { describe, HashiraError } from '@hashira/core'

/**
 * What Hashira needs of a metrics registry: prom-client 14 and 15 have it, and `@prometheus-io/client`.
 * Types of metrics are left open, because each library declares its own.
 */
export interface RegistryLike {
  getMetricsAsArray(): unknown[]
  // biome-ignore lint/suspicious/noExplicitAny: each library takes metrics of its own type
  registerMetric(metric: any): void
  getSingleMetric(name: string): unknown
  removeSingleMetric(name: string): void
}

/** A metric in such a registry. */
export interface MetricLike {
  readonly name: string
  readonly type?: unknown
  get(): unknown
  /** prom-client 15: as `get`, with the labels of a histogram's lines shared instead of copied. */
  getForPromString?(): unknown
}

/** What `get()` resolves to. */
export interface MetricJson {
  readonly name: string
  readonly help?: string | undefined
  readonly type?: unknown
  readonly values?: readonly ValueJson[] | undefined
}

export interface ValueJson {
  readonly value: number
  readonly metricName?: string | undefined
  readonly labels?: Readonly<Record<string, unknown>> | undefined
  readonly sharedLabels?: Readonly<Record<string, unknown>> | undefined
  readonly exemplar?: ExemplarJson | null | undefined
}

export interface ExemplarJson {
  readonly labelSet?: Readonly<Record<string, unknown>> | undefined
  readonly value: number
  /** Seconds. */
  readonly timestamp?: number | undefined
}

const METHODS = ['getMetricsAsArray', 'registerMetric', 'getSingleMetric', 'removeSingleMetric'] as const

/** @throws HashiraError HASHIRA_REGISTRY_INVALID */
export function requireRegistry(value: unknown): RegistryLike {
  const given = value as Partial<RegistryLike> | null | undefined
  const missing = METHODS.find((method) => typeof given?.[method] !== 'function')
  if (missing === undefined) return given as RegistryLike
  throw new HashiraError(
    'HASHIRA_REGISTRY_INVALID',
    `a registry must be a prom-client Registry or have its methods; ${describe(value)} has no ${missing}()`,
  )
}

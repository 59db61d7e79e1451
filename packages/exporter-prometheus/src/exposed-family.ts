import {
  countFault,
  type ExplicitMetricFamily,
  type MetricFamily,
  type NumberFamily,
  prometheusName,
  prometheusUnit,
  type Resource,
  withExplicitBuckets,
} from '@hashira/core'

export type ExposedType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'unknown'

/** A metric under its Prometheus name. */
export interface ExposedFamily {
  /** Of its samples: that of a counter ends in `_total`, if it is one of ours. */
  readonly name: string
  readonly type: ExposedType
  readonly help: string
  /** A word: `seconds`. Empty when unknown. */
  readonly unit: string
  /** The families that share this name and type: usually one. */
  readonly members: ExplicitMetricFamily[]
  /** Whether the name without `_total` is nobody else's, so that OpenMetrics may call the counter by it. */
  isBaseNameFree: boolean
}

const TARGET_INFO = 'target_info'

/**
 * The families of a snapshot as Prometheus shows them, `target_info` with the resource first. Those of one name are joined; one
 * whose samples would be mistaken for another's is left out and counted (OpenTelemetry specification, Prometheus compatibility).
 * An exponential histogram is shown with explicit buckets: these formats have no others.
 */
export function exposeFamilies(families: readonly MetricFamily[], resource: Resource): ExposedFamily[] {
  const exposed = new Map<string, ExposedFamily>()
  const owners = new Map<string, ExposedFamily>()
  for (const family of [...targetInfo(resource), ...withExplicitBuckets(families)]) {
    const candidate = expose(family)
    const same = exposed.get(candidate.name)
    if (same?.type === candidate.type) {
      same.members.push(family)
      continue
    }
    const names = sampleNames(candidate)
    if (names.some((name) => owners.has(name))) {
      countFault('metric_name_conflict')
      continue
    }
    for (const name of names) owners.set(name, candidate)
    exposed.set(candidate.name, candidate)
  }
  for (const family of exposed.values()) family.isBaseNameFree = !owners.has(baseName(family.name))
  return [...exposed.values()]
}

export function baseName(counter: string): string {
  return counter.replace(/_total$/, '')
}

function expose(family: ExplicitMetricFamily): ExposedFamily {
  const name = prometheusName(family)
  return {
    name,
    type: exposedType(family, name),
    help: family.description,
    unit: prometheusUnit(family),
    members: [family],
    isBaseNameFree: true,
  }
}

function exposedType({ type, naming }: ExplicitMetricFamily, name: string): ExposedType {
  if (type !== 'updowncounter' && type !== 'gauge') return type
  // `process_unix_file_descriptor_count` looks like part of a histogram or summary, which is no gauge's to look like.
  return naming === 'opentelemetry' && /_(count|sum|bucket|total)$/.test(name) ? 'unknown' : 'gauge'
}

function sampleNames({ name, type }: ExposedFamily): string[] {
  if (type === 'histogram') return [name, `${name}_bucket`, `${name}_sum`, `${name}_count`]
  if (type === 'summary') return [name, `${name}_sum`, `${name}_count`]
  return [name]
}

function targetInfo(resource: Resource): NumberFamily[] {
  const attributes = resource.attributes.flat
  if (attributes.length === 0) return []
  return [
    {
      name: TARGET_INFO,
      naming: 'opentelemetry',
      description: 'Target metadata',
      unit: '',
      type: 'gauge',
      points: [{ attributes, startTimeUnixMs: 0, value: 1 }],
    },
  ]
}

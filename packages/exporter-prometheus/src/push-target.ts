import { type MetricFamily, type MetricSnapshot, prometheusLabel, type Resource } from '@hashira/core'

/** The labels that a scrape would add: who is pushing. */
export interface PushTarget {
  readonly job: string
  readonly instance: string | undefined
}

interface Names {
  readonly job: string | undefined
  readonly instance: string | undefined
}

/** `job` and `instance` from the resource (OpenTelemetry specification, Prometheus compatibility), unless they are given. */
export function pushTarget({ attributes }: Resource, given: Names): PushTarget {
  const text = (key: string) => {
    const value = attributes.get(key)
    return value === undefined || value === '' ? undefined : String(value)
  }
  const name = text('service.name') ?? 'unknown_service:node'
  const namespace = text('service.namespace')
  return {
    job: given.job ?? (namespace === undefined ? name : `${namespace}/${name}`),
    instance: given.instance ?? text('service.instance.id'),
  }
}

/**
 * The snapshot with `exported_` before every label whose name the target's own have, as a scrape would do. Otherwise series
 * that differ only in such a label would become one, and be refused.
 */
export function withExportedLabels(
  snapshot: MetricSnapshot,
  targetLabels: ReadonlySet<string>,
): MetricSnapshot {
  const clashes = (key: unknown) => targetLabels.has(prometheusLabel(key as string))
  const renamed = (flat: MetricFamily['points'][number]['attributes']) =>
    flat.map((item, i) =>
      i % 2 === 0 && clashes(item) ? `exported_${prometheusLabel(item as string)}` : item,
    )
  const families = snapshot.families.map((family) => {
    if (!family.points.some(({ attributes }) => attributes.some((item, i) => i % 2 === 0 && clashes(item))))
      return family
    const points = family.points.map((point) => ({ ...point, attributes: renamed(point.attributes) }))
    return { ...family, points } as MetricFamily
  })
  return { ...snapshot, families }
}

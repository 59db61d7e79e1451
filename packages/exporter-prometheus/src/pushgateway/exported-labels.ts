import type { FlatAttributes, MetricFamily, MetricSnapshot } from '@hashira/core'
import { labelName } from '../labels'

/**
 * The snapshot with `exported_` before every label whose name the group's own have, as a scrape would do. The Pushgateway would
 * put the group's over it: series that differ only in such a label would become one, and the whole push be refused.
 */
export function withExportedLabels(
  snapshot: MetricSnapshot,
  groupLabels: ReadonlySet<string>,
): MetricSnapshot {
  return { ...snapshot, families: snapshot.families.map((family) => withExported(family, groupLabels)) }
}

function withExported(family: MetricFamily, groupLabels: ReadonlySet<string>): MetricFamily {
  const clashes = (item: unknown, i: number) =>
    i % 2 === 0 && groupLabels.has(labelName(item as string, family.naming))
  if (!family.points.some(({ attributes }) => attributes.some(clashes))) return family
  const renamed = (flat: FlatAttributes) =>
    flat.map((item, i) => (clashes(item, i) ? `exported_${labelName(item as string, family.naming)}` : item))
  const points = family.points.map((point) => ({ ...point, attributes: renamed(point.attributes) }))
  return { ...family, points } as MetricFamily
}

import type { FlatAttributes } from '@hashira/core'
import type { DimensionSets } from './dimension-sets'
import { cloudWatchName, isOwnMember } from './metric/metric-name'
import { dimensionValue, type Subject } from './subject'

export type Dimension = readonly [name: string, value: string]

/**
 * The dimensions of one series in each of `sets` that it has all labels for; a label that the series lacks may be one of the
 * resource (`host.name`). Requests that no route matched have no `http.route`, so they count for the service only.
 */
export function dimensionsOf(
  attributes: FlatAttributes,
  sets: DimensionSets,
  subject: Subject,
  metricName: string,
): Dimension[][] {
  const found: Dimension[][] = []
  for (const set of sets) {
    const labels = set.map((key) => [memberName(key, metricName), labelOf(attributes, key, subject)] as const)
    if (labels.every(([, value]) => value !== undefined))
      found.push([...subject.dimensions, ...(labels as unknown as Dimension[])])
  }
  return found
}

function labelOf(attributes: FlatAttributes, key: string, { resource }: Subject): string | undefined {
  for (let i = 0; i < attributes.length; i += 2)
    if (attributes[i] === key) return dimensionValue(attributes[i + 1])
  return dimensionValue(resource.attributes.get(key))
}

/** What a label is called in a document, where other members and the metric have their names already. */
export function memberName(label: string, metricName: string): string {
  return isOwnMember(label) || label === cloudWatchName(metricName) ? `label.${label}` : label
}

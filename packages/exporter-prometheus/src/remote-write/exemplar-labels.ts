import type { Exemplar } from '@hashira/core'
import { labelsOf } from '../labels'
import type { Label } from './series'

/** Prometheus drops an exemplar whose labels have more characters. */
const MAX_CHARACTERS = 128

/** The ids first, then what fits of the rest; by name. */
export function exemplarLabels({ traceId, spanId, attributes = [] }: Exemplar): Label[] {
  const labels = new Map<string, string>()
  let characters = 0
  const add = (name: string, value: string | undefined) => {
    if (value === undefined || value === '' || labels.has(name)) return
    const length = [...name].length + [...value].length
    if (characters + length > MAX_CHARACTERS) return
    characters += length
    labels.set(name, value)
  }
  add('trace_id', traceId)
  add('span_id', spanId)
  for (const [name, value] of labelsOf(attributes, 'prometheus')) add(name, value)
  return [...labels].sort(([a], [b]) => (a < b ? -1 : 1))
}

import type { HeapSpaceInfo } from 'node:v8'
import { ObservedMetric } from '../observed-metric'

const METRICS: readonly (readonly [name: string, description: string, field: keyof HeapSpaceInfo])[] = [
  ['v8js.memory.heap.used', 'Heap memory in use, by heap space.', 'space_used_size'],
  ['v8js.memory.heap.space.size', 'Heap memory reserved, by heap space.', 'space_size'],
  ['v8js.memory.heap.space.available_size', 'Heap memory free, by heap space.', 'space_available_size'],
  ['v8js.memory.heap.space.physical_size', 'Heap memory committed, by heap space.', 'physical_space_size'],
]

// Loaded by the first reader: node:v8 and what it brings take 1 ms of an app's start.
function heapSpaces(): HeapSpaceInfo[] {
  return process.getBuiltinModule('node:v8').getHeapSpaceStatistics()
}

/** `v8js.memory.heap.*` by `v8js.heap.space.name`. */
export function startHeapMetrics(): () => void {
  const metrics = METRICS.map(
    ([name, description, field]) =>
      new ObservedMetric({
        name,
        description,
        unit: 'By',
        type: 'updowncounter',
        observe: () =>
          heapSpaces().map((space) => ({
            value: space[field] as number,
            attributes: ['v8js.heap.space.name', space.space_name],
          })),
      }),
  )
  return () => {
    for (const metric of metrics) metric.remove()
  }
}

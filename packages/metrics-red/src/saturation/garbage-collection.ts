import { constants, PerformanceObserver } from 'node:perf_hooks'
import { HistogramRecorder } from '../histogram-recorder'

const KINDS: ReadonlyMap<number | undefined, string> = new Map([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
])

/** `v8js.gc.duration` by `v8js.gc.type`. */
export function startGarbageCollectionMetrics(): () => void {
  const duration = new HistogramRecorder({
    name: 'v8js.gc.duration',
    description: 'Garbage collection duration.',
    unit: 's',
    // OpenTelemetry's advice starts at 0.01, where a service's collections should already be over.
    bounds: [0.001, 0.01, 0.1, 1, 10],
    attributeKeys: ['v8js.gc.type'],
  })
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind } = (entry as { detail?: { kind?: number } }).detail ?? {}
      duration.handle([KINDS.get(kind)]).record(entry.duration / 1e3)
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  return () => {
    observer.disconnect()
    duration.remove()
  }
}

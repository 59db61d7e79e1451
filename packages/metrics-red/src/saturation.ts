import { shared } from '@hashira/core'
import { faultMetric } from './fault-metric'
import { startEventLoopMetrics } from './saturation/event-loop'
import { startGarbageCollectionMetrics } from './saturation/garbage-collection'
import { startHeapMetrics } from './saturation/heap'
import { startProcessMetrics } from './saturation/process'

const running = shared('metrics-red.saturation', () => ({ users: 0, stop: () => {} }))

/**
 * Measures how full the process is: event loop, garbage collection, heap spaces, CPU, memory, file descriptors, active
 * resources, under OpenTelemetry's names. Once per process, however often it is called. Nothing keeps the process alive.
 *
 * @returns stops it and takes the metrics away, when the last who started it has stopped
 */
export function startSaturation(): () => void {
  running.users++
  if (running.users === 1) running.stop = startAll()
  let stopped = false
  return () => {
    if (stopped) return
    stopped = true
    running.users--
    if (running.users === 0) running.stop()
  }
}

function startAll(): () => void {
  faultMetric()
  const stops = [
    startEventLoopMetrics(),
    startGarbageCollectionMetrics(),
    startHeapMetrics(),
    startProcessMetrics(),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

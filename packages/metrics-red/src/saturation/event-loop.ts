import { type IntervalHistogram, performance } from 'node:perf_hooks'
import { ObservedMetric } from '../observed-metric'
import { DelayMonitors, RESOLUTION_MS } from './delay-monitors'
import { RollingWindow } from './rolling-window'

type Statistic = readonly [name: string, description: string, read: (delay: IntervalHistogram) => number]

// Node measures how long a timer takes; what is beyond its time is the delay.
const beyond = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1e3)

const STATISTICS: readonly Statistic[] = [
  ['min', 'Minimum', (delay) => beyond(delay.min)],
  ['max', 'Maximum', (delay) => beyond(delay.max)],
  ['mean', 'Mean', (delay) => beyond(delay.mean)],
  ['stddev', 'Standard deviation', (delay) => delay.stddev / 1e9],
  ['p50', 'Median', (delay) => beyond(delay.percentile(50))],
  ['p90', '90th percentile', (delay) => beyond(delay.percentile(90))],
  ['p99', '99th percentile', (delay) => beyond(delay.percentile(99))],
]

/** `nodejs.eventloop.delay.*`, `.utilization` and `.time`. */
export function startEventLoopMetrics(): () => void {
  const monitors = new DelayMonitors()
  const delays = new RollingWindow(
    () => monitors.begin(),
    (delay) => monitors.end(delay),
  )
  const utilizations = new RollingWindow(() => performance.eventLoopUtilization())
  const metrics = [
    ...STATISTICS.map((statistic) => delayMetric(statistic, delays)),
    utilizationMetric(utilizations),
    timeMetric(),
  ]
  return () => {
    for (const metric of metrics) metric.remove()
    delays.stop()
    monitors.stop()
    utilizations.stop()
  }
}

function delayMetric(
  [name, what, read]: Statistic,
  delays: RollingWindow<IntervalHistogram>,
): ObservedMetric {
  return new ObservedMetric({
    name: `nodejs.eventloop.delay.${name}`,
    description: `${what} of the event loop delay over the last 30 to 60 seconds.`,
    unit: 's',
    type: 'gauge',
    // Empty at first, when it says NaN.
    observe: () =>
      [read(delays.current)].filter((value) => value >= 0 && value < 1e6).map((value) => ({ value })),
  })
}

function utilizationMetric(
  utilizations: RollingWindow<ReturnType<typeof performance.eventLoopUtilization>>,
): ObservedMetric {
  return new ObservedMetric({
    name: 'nodejs.eventloop.utilization',
    description: 'Share of time that the event loop was busy over the last 30 to 60 seconds.',
    unit: '1',
    type: 'gauge',
    observe: () => [{ value: performance.eventLoopUtilization(utilizations.current).utilization }],
  })
}

function timeMetric(): ObservedMetric {
  return new ObservedMetric({
    name: 'nodejs.eventloop.time',
    description: 'Time that the event loop was in each state.',
    unit: 's',
    type: 'counter',
    observe: () => {
      const { active, idle } = performance.eventLoopUtilization()
      return [
        { value: active / 1e3, attributes: ['nodejs.eventloop.state', 'active'] },
        { value: idle / 1e3, attributes: ['nodejs.eventloop.state', 'idle'] },
      ]
    },
  })
}

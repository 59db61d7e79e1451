// Not from node:fs/promises, which takes 1 ms of an app's start; `promises` is loaded when it is first used.
import { promises } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { Observation } from '../observed-metric'
import { ObservedMetric } from '../observed-metric'
import { RollingWindow } from './rolling-window'

interface CpuMark {
  readonly usage: NodeJS.CpuUsage
  readonly timeMs: number
}

/** `process.*` and `v8js.resource.active`. What only Linux tells is absent elsewhere. */
export function startProcessMetrics(): () => void {
  const marks = new RollingWindow<CpuMark>(() => ({ usage: process.cpuUsage(), timeMs: performance.now() }))
  const metrics = [cpuTime(), cpuUtilization(marks), residentMemory(), uptime(), activeResources()]
  if (process.platform === 'linux') metrics.push(virtualMemory(), openFileDescriptors())
  return () => {
    for (const metric of metrics) metric.remove()
    marks.stop()
  }
}

function cpuTime(): ObservedMetric {
  return new ObservedMetric({
    name: 'process.cpu.time',
    description: 'CPU time used, by mode.',
    unit: 's',
    type: 'counter',
    observe: () => byMode(process.cpuUsage(), 1e6),
  })
}

function cpuUtilization(marks: RollingWindow<CpuMark>): ObservedMetric {
  return new ObservedMetric({
    name: 'process.cpu.utilization',
    description: 'Share of the CPUs available that was used over the last 30 to 60 seconds, by mode.',
    unit: '1',
    type: 'gauge',
    observe: () => {
      const { usage, timeMs } = marks.current
      const elapsedMicros = (performance.now() - timeMs) * 1e3
      return elapsedMicros > 0 ? byMode(process.cpuUsage(usage), elapsedMicros * availableParallelism()) : []
    },
  })
}

function byMode({ user, system }: NodeJS.CpuUsage, divisor: number): Observation[] {
  return [
    { value: user / divisor, attributes: ['cpu.mode', 'user'] },
    { value: system / divisor, attributes: ['cpu.mode', 'system'] },
  ]
}

function residentMemory(): ObservedMetric {
  return new ObservedMetric({
    name: 'process.memory.usage',
    description: 'Physical memory in use.',
    unit: 'By',
    type: 'updowncounter',
    observe: () => [{ value: process.memoryUsage.rss() }],
  })
}

function virtualMemory(): ObservedMetric {
  return new ObservedMetric({
    name: 'process.memory.virtual',
    description: 'Virtual memory committed.',
    unit: 'By',
    type: 'updowncounter',
    observe: async () => {
      const kibibytes = /^VmSize:\s*(\d+) kB$/m.exec(
        await promises.readFile('/proc/self/status', 'utf8'),
      )?.[1]
      return kibibytes === undefined ? [] : [{ value: Number(kibibytes) * 1024 }]
    },
  })
}

function openFileDescriptors(): ObservedMetric {
  return new ObservedMetric({
    name: 'process.unix.file_descriptor.count',
    description: 'File descriptors in use.',
    unit: '{file_descriptor}',
    type: 'updowncounter',
    // Less the one that reading the directory takes.
    observe: async () => [{ value: (await promises.readdir('/proc/self/fd')).length - 1 }],
  })
}

function activeResources(): ObservedMetric {
  return new ObservedMetric({
    name: 'v8js.resource.active',
    description: 'Resources that keep the event loop alive, by type.',
    unit: '{resource}',
    type: 'gauge',
    observe: () => {
      const counts = new Map<string, number>()
      for (const type of process.getActiveResourcesInfo()) counts.set(type, (counts.get(type) ?? 0) + 1)
      return [...counts].map(([type, value]) => ({ value, attributes: ['v8js.resource.type', type] }))
    },
  })
}

function uptime(): ObservedMetric {
  return new ObservedMetric({
    name: 'process.uptime',
    description: 'Time that the process has been running.',
    unit: 's',
    type: 'gauge',
    observe: () => [{ value: process.uptime() }],
  })
}

import {
  collectMetrics,
  type ExponentialHistogramPoint,
  type FlatAttributes,
  faultCounts,
  type HistogramPoint,
  type MetricFamily,
  type NumberPoint,
  setDiagnosticSink,
} from '@hashira/core'
import { type HashiraMeter, meterProvider } from '@hashira/metrics-red'

export type AnyPoint = NumberPoint & HistogramPoint & ExponentialHistogramPoint

let made = 0

/** A meter that no other test has. */
export function freshMeter(): { meter: HashiraMeter; scope: string } {
  const scope = `test-${++made}`
  return { meter: meterProvider.getMeter(scope), scope }
}

export async function familiesOf(scope: string): Promise<MetricFamily[]> {
  const { families } = await collectMetrics()
  return families.filter((family) => family.scope?.name === scope)
}

export async function pointsOf(scope: string, name?: string): Promise<AnyPoint[]> {
  const families = (await familiesOf(scope)).filter((family) => name === undefined || family.name === name)
  return families.flatMap((family) => family.points as readonly AnyPoint[])
}

export function labels(attributes: FlatAttributes): Record<string, unknown> {
  const pairs: [string, unknown][] = []
  for (let i = 0; i < attributes.length; i += 2) pairs.push([attributes[i] as string, attributes[i + 1]])
  return Object.fromEntries(pairs)
}

/** `[attributes, value]` of each point. */
export async function valuesOf(scope: string, name?: string): Promise<[Record<string, unknown>, number][]> {
  return (await pointsOf(scope, name)).map((point) => [labels(point.attributes), point.value])
}

/** The lines that Hashira says during `work`. */
export async function said(work: () => unknown): Promise<string[]> {
  const lines: string[] = []
  setDiagnosticSink((_, line) => lines.push(line))
  try {
    await work()
  } finally {
    setDiagnosticSink(undefined)
  }
  return lines
}

/** By how much a fault is counted during `work`. */
export async function faults(reason: string, work: () => unknown): Promise<number> {
  const before = faultCounts().get(reason) ?? 0
  await work()
  return (faultCounts().get(reason) ?? 0) - before
}

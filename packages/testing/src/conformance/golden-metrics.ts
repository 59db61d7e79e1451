import type { Exemplar, FlatAttributes, MetricFamily, MetricSnapshot } from '@hashira/core'
import { randomHex } from './random-hex'

const START_UNIX_MS = Date.now() - 60_000

/** Metrics that every encoder must take: every type, attributes of every kind, numbers at the edge, many series. */
export function goldenMetrics(): MetricSnapshot {
  const timeUnixMs = Date.now()
  const exemplar = goldenExemplar(timeUnixMs - 500)
  const numbers = (name: string, type: 'counter' | 'updowncounter' | 'gauge' | 'unknown', values: number[]) =>
    family({ name, type, points: values.map((value, i) => ({ ...at(['case', i]), value })) })
  return {
    families: [
      family({
        name: 'golden.requests',
        type: 'counter',
        unit: '{request}',
        points: [{ ...at(), value: 7, exemplar }],
      }),
      numbers('golden.connections', 'updowncounter', [3, -2, 0]),
      numbers('golden.temperature', 'gauge', EDGE_NUMBERS),
      numbers('golden.unknown', 'unknown', [1.5]),
      family({
        name: 'golden_finished_total',
        naming: 'prometheus',
        type: 'counter',
        points: [{ ...at(), value: 9 }],
      }),
      histogram('golden.duration', exemplar),
      family({ name: 'golden.sizes', type: 'summary', unit: 'By', points: [summaryPoint()] }),
      family({
        name: 'golden.attributes',
        type: 'gauge',
        points: ATTRIBUTES.map((flat) => ({ ...at(flat), value: 1 })),
      }),
      family({ name: 'golden.nothing', type: 'counter', points: [] }),
      numbers(
        'golden.many',
        'gauge',
        Array.from({ length: 2_000 }, (_, i) => i),
      ),
    ],
    failures: [],
    timeUnixMs,
  }
}

/** One counter with `count` series, whose values are `turn`. */
export function loadMetrics(count: number, turn: number): MetricSnapshot {
  const points = Array.from({ length: count }, (_, i) => ({ ...at(['item', `i${i}`]), value: turn }))
  const load = family({ name: 'conformance.items', type: 'counter', points })
  return { families: [load], failures: [], timeUnixMs: Date.now() }
}

const EDGE_NUMBERS = [
  ...[0, -1, 1.5, Number.MAX_SAFE_INTEGER, 2 ** 64, 5e-324, Number.MAX_VALUE],
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
]

const ATTRIBUTES: readonly FlatAttributes[] = [
  [],
  ['text', 'plain', 'whole', 42, 'fraction', 1.5, 'yes', true],
  ['texts', ['a', 'b'], 'numbers', [1, 2.5], 'holes', ['a', null, 'b']],
  ['schlüssel', 'wért', '鍵', '値', 'emoji', '🎌', 'lone', '\ud83c'],
  ['quotes', '"\\\n', 'separators', 'a|b,c=d:e#f', 'empty', ''],
  // Pairs that must stay two series each, whatever a format joins keys and values with.
  ['a', 'x|', 'b', 'y'],
  ['a', 'x', 'b', '|y'],
  ['a', 'x,b:y'],
  ['a', 'x="y"'],
  ['__proto__', 'p', 'constructor', 'c', '1st', 'digit'],
  ['long', 'x'.repeat(4_000)],
]

type Given = Partial<MetricFamily> & Pick<MetricFamily, 'name' | 'type' | 'points'>

function family(given: Given): MetricFamily {
  const common = { naming: 'opentelemetry', description: 'A golden metric: "é"\\', unit: '1' } as const
  return { ...common, ...given } as MetricFamily
}

function at(attributes: FlatAttributes = ['route', '/orders/:id']) {
  return { attributes, startTimeUnixMs: START_UNIX_MS }
}

function histogram(name: string, exemplar: Exemplar): MetricFamily {
  const bounds = [0.1, 1, 10]
  const point = (bucketCounts: number[], sum: number) => ({
    ...at(['case', sum]),
    ...{ bounds, bucketCounts, sum, count: bucketCounts.reduce((a, b) => a + b, 0) },
    exemplars: [undefined, exemplar, undefined, undefined],
  })
  const points = [point([1, 2, 0, 4], 50.5), point([0, 0, 0, 0], 0), point([0, 0, 0, 3], 1_000)]
  return family({ name, type: 'histogram', unit: 's', points })
}

function summaryPoint() {
  const quantiles = [
    { quantile: 0.5, value: 100 },
    { quantile: 0.99, value: 900 },
  ]
  return { ...at(), count: 10, sum: 1_500, quantiles }
}

function goldenExemplar(timeUnixMs: number): Exemplar {
  const ids = { traceId: randomHex(16), spanId: randomHex(8) }
  return { value: 0.5, timeUnixMs, ...ids, attributes: ['user', 'u7'] }
}

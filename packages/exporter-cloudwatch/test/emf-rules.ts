// The rules of "Specification: Embedded metric format" and "MetricDatum" in AWS's documentation, written from their text.
import assert from 'node:assert/strict'
import type { Json } from './support'

const UNITS = new Set(
  'Seconds Microseconds Milliseconds Bytes Kilobytes Megabytes Gigabytes Terabytes Bits Kilobits Megabits Gigabits Terabits Percent Count Bytes/Second Kilobytes/Second Megabytes/Second Gigabytes/Second Terabytes/Second Bits/Second Kilobits/Second Megabits/Second Gigabits/Second Terabits/Second Count/Second None'.split(
    ' ',
  ),
)
const MAX_EVENT_BYTES = 256 * 1024 - 26

/** A metric as CloudWatch takes it out of a document. */
export interface ReadMetric {
  readonly name: string
  readonly unit: string
  readonly namespace: string
  readonly dimensionSets: readonly Readonly<Record<string, string>>[]
  /** Value and how often it occurred. */
  readonly values: readonly (readonly [value: number, count: number])[]
}

/** Throws for a text that is no document; gives what CloudWatch would read in it. */
export function readEmf(text: string, maxBytes = MAX_EVENT_BYTES): ReadMetric[] {
  assert.ok(Buffer.byteLength(text) <= maxBytes, `${Buffer.byteLength(text)} bytes`)
  assert.ok(!text.includes('\n'), 'a line feed in a document')
  assert.ok(
    !/\p{Surrogate}/u.test(text) && !/\\ud[89a-f]/i.test(text.replaceAll('\\\\', '')),
    'a lone surrogate',
  )
  const root = JSON.parse(text) as Record<string, Json>
  assert.deepEqual(JSON.stringify(root).length, text.length, 'a member is there twice')
  const { Timestamp, CloudWatchMetrics, LogGroupName, LogStreamName, ...rest } = root['_aws']
  assert.deepEqual(rest, {}, 'unknown members of _aws')
  assert.ok(Number.isInteger(Timestamp) && Timestamp > 0)
  for (const name of [LogGroupName, LogStreamName]) assert.ok(name === undefined || name.length > 0)
  assert.ok(Array.isArray(CloudWatchMetrics) && CloudWatchMetrics.length > 0)
  return CloudWatchMetrics.flatMap((directive: Json) => readDirective(directive, root))
}

function readDirective(
  { Namespace, Dimensions, Metrics, ...rest }: Json,
  root: Record<string, Json>,
): ReadMetric[] {
  assert.deepEqual(rest, {}, 'unknown members of a directive')
  assert.match(Namespace, /^(?=.*[^ ])(?!:)[\w .#:/-]{1,255}$/)
  assert.ok(Array.isArray(Dimensions) && Dimensions.length >= 1)
  const dimensionSets = Dimensions.map((set: Json) => readSet(set, root))
  assert.equal(new Set(dimensionSets.map((set) => JSON.stringify(set))).size, dimensionSets.length)
  assert.ok(Array.isArray(Metrics) && Metrics.length >= 1 && Metrics.length <= 100)
  assert.equal(new Set(Metrics.map(({ Name }: Json) => Name)).size, Metrics.length, 'a metric twice')
  return Metrics.map(({ Name, Unit, StorageResolution, ...more }: Json) => {
    assert.deepEqual(more, {}, 'unknown members of a definition')
    assert.match(Name, /^(?=.*\S)[\x20-\x7e]{1,255}$/)
    assert.ok(UNITS.has(Unit), Unit)
    assert.ok([undefined, 1, 60].includes(StorageResolution))
    assert.ok(Object.hasOwn(root, Name), `${Name} is not there`)
    for (const set of dimensionSets) assert.ok(!Object.hasOwn(set, Name), `${Name} is a dimension as well`)
    return { name: Name, unit: Unit, namespace: Namespace, dimensionSets, values: readTarget(root[Name]) }
  })
}

function readSet(set: Json, root: Record<string, Json>): Record<string, string> {
  assert.ok(Array.isArray(set) && set.length <= 30 && new Set(set).size === set.length)
  return Object.fromEntries(
    set.map((key: Json) => {
      assert.match(key, /^(?!:)(?=.*\S)[\x20-\x7e]{1,250}$/)
      assert.match(root[key], /^(?=.*\S)[\x20-\x7e]{1,1024}$/, `dimension ${key}`)
      return [key, root[key]]
    }),
  )
}

/** A number, up to 100 numbers, or values and counts as AWS's own exporters write them. */
function readTarget(target: Json): [number, number][] {
  if (typeof target === 'number') return [[finite(target), 1]]
  if (Array.isArray(target)) {
    assert.ok(target.length >= 1 && target.length <= 100)
    return target.map((value) => [finite(value), 1])
  }
  const { Values, Counts, Max, Min, Count, Sum, ...rest } = target
  assert.deepEqual(rest, {})
  const pairs = readValuesAndCounts(Values, Counts, 100)
  const close = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b))
  const scale = pairs.reduce((all, [value, count]) => all + Math.abs(value) * count, 0)
  assert.equal(Max, Math.max(...Values))
  assert.equal(Min, Math.min(...Values))
  assert.ok(
    close(
      Count,
      pairs.reduce((all, [, count]) => all + count, 0),
    ),
  )
  const sum = pairs.reduce((all, [value, count]) => all + value * count, 0)
  assert.ok(Math.abs(Sum - sum) <= 1e-9 * Math.max(1, scale), `${Sum} is not ${sum}`)
  return pairs
}

function readValuesAndCounts(values: Json, counts: Json, max: number): [number, number][] {
  assert.ok(Array.isArray(values) && Array.isArray(counts) && values.length === counts.length)
  assert.ok(values.length >= 1 && values.length <= max, `${values.length} values`)
  return values.map((value: Json, i: number) => {
    assert.ok(counts[i] > 0)
    return [finite(value), finite(counts[i])]
  })
}

function finite(value: Json): number {
  assert.ok(typeof value === 'number' && Math.abs(value) <= 2 ** 360, String(value))
  return value
}

/** Throws for what is no MetricDatum. */
export function readDatum(datum: Json): ReadMetric {
  const { MetricName, Dimensions, Timestamp, Value, Values, Counts, Unit, StorageResolution, ...rest } = datum
  assert.deepEqual(rest, {})
  assert.match(MetricName, /^(?=.*\S)[\x20-\x7e]{1,255}$/)
  assert.ok(Dimensions.length <= 30)
  for (const { Name, Value: text, ...more } of Dimensions) {
    assert.deepEqual(more, {})
    assert.match(Name, /^(?!:)(?=.*\S)[\x20-\x7e]{1,255}$/)
    assert.match(text, /^(?=.*\S)[\x20-\x7e]{1,1024}$/)
  }
  assert.ok(Timestamp > 1_000_000_000 && Timestamp < 10_000_000_000, 'seconds')
  assert.ok(UNITS.has(Unit))
  assert.ok([undefined, 1, 60].includes(StorageResolution))
  assert.ok((Value === undefined) !== (Values === undefined), 'either a value or values')
  const values: [number, number][] =
    Value === undefined ? readValuesAndCounts(Values, Counts, 150) : [[finite(Value), 1]]
  assert.equal(new Set(values.map(([value]) => value)).size, values.length, 'unique values')
  const set = Object.fromEntries(Dimensions.map((one: Json) => [one.Name, one.Value]))
  return { name: MetricName, unit: Unit, namespace: '', dimensionSets: [set], values }
}

/** Sum and number of the values of each metric and dimension set, as CloudWatch shows them. */
export function statisticsOf(metrics: readonly ReadMetric[]): Map<string, { sum: number; count: number }> {
  const statistics = new Map<string, { sum: number; count: number }>()
  for (const { name, dimensionSets, values } of metrics) {
    for (const set of dimensionSets) {
      const key = JSON.stringify([name, set])
      const { sum, count } = statistics.get(key) ?? { sum: 0, count: 0 }
      statistics.set(key, {
        sum: values.reduce((all, [value, times]) => all + value * times, sum),
        count: values.reduce((all, [, times]) => all + times, count),
      })
    }
  }
  return statistics
}

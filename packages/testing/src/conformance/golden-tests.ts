import assert from 'node:assert/strict'
import { AttributeList, type AttributeValue, type LogRecord, type SpanRecord } from '@hashira/core'
import { copySpan } from '../span-copy'
import { type Bench, type BenchOptions, withBench } from './bench'
import type { DecodedLog, DecodedSpan, ExpectedSpan, ReceivedMessage } from './conformance-options'
import { goldenLogs } from './golden-logs'
import { goldenMetrics } from './golden-metrics'
import { goldenSpans } from './golden-spans'
import { copyLog } from './log-copy'
import { countItemsOf, droppedItems, type GivenItem } from './run'
import { assertSameTelemetry, isSameTime } from './same-telemetry'

type Test = { readonly title: string; readonly run: () => Promise<void> }

/** Each golden item arrives as what it is: alone, and all of them in as few batches as they take. */
export function goldenTests(given: BenchOptions): Test[] {
  if (given.signal === 'metrics') return metricTests(given)
  const cases = given.signal === 'traces' ? spanCases(given) : logCases(given)
  return [
    ...cases.map((one) => ({ title: one.title, run: () => arrives(given, [one]) })),
    { title: 'all together', run: () => arrives(given, cases) },
    { title: 'what can not be encoded is lost alone', run: () => isLostAlone(given, cases) },
  ]
}

interface Case<Decoded = unknown> {
  readonly title: string
  readonly item: GivenItem
  /** An item like this one with a value that no format has. */
  readonly hostile: () => GivenItem
  /** Finds the item among what arrived and compares it; without it among them it was not found. */
  check(arrived: readonly Decoded[]): void
}

async function arrives(given: BenchOptions, cases: readonly Case[]): Promise<void> {
  await withBench(given, async (bench) => {
    for (const { item } of cases) bench.run.give(item)
    const account = await bench.end()
    assert.equal(account.ended, cases.length)
    const dropped = cases.filter(({ title }) => given.options.mayDrop?.[title] !== undefined)
    const reasons = dropped.flatMap(({ title }) => given.options.mayDrop?.[title] ?? [])
    for (const reason of Object.keys(account.dropped))
      assert.ok(reasons.includes(reason), `dropped: ${reason}`)
    assert.ok(droppedItems(account) <= dropped.length, JSON.stringify(account))
    const arrived = await received(given, bench, account.delivered)
    if (arrived === undefined) return
    for (const one of cases) if (droppedItems(account) === 0 || !dropped.includes(one)) one.check(arrived)
  })
}

async function isLostAlone(given: BenchOptions, cases: readonly Case[]): Promise<void> {
  const [first, second] = cases as readonly [Case, Case]
  await withBench(given, async (bench) => {
    bench.run.give(first.item)
    bench.run.give(first.hostile())
    bench.run.give(second.item)
    const account = await bench.end()
    assert.equal(account.ended, 3)
    assert.ok(account.delivered >= 2, JSON.stringify(account))
    assert.ok(
      Object.keys(account.dropped).every((reason) => reason === 'encode_error'),
      JSON.stringify(account),
    )
    const arrived = await received(given, bench, account.delivered)
    if (arrived === undefined) return
    first.check(arrived)
    second.check(arrived)
  })
}

/** What arrived, decoded, as soon as it is as much as is said to be delivered; `undefined` where nobody can read it. */
async function received(
  { options, signal }: BenchOptions,
  bench: Bench,
  count: number,
): Promise<unknown[] | undefined> {
  const decode: ((message: ReceivedMessage) => readonly unknown[]) | undefined =
    signal === 'traces' ? options.traces?.decode : options.logs?.decode
  if (decode === undefined) return undefined
  let arrived: unknown[] = []
  const isThere = () => {
    arrived = bench.receiver.messages().flatMap(decode)
    return arrived.length >= count
  }
  await bench.waitFor(isThere, `${count} items`, { timeoutMs: 5_000 })
  return arrived
}

function spanCases({ options }: BenchOptions): Case[] {
  return goldenSpans().map(({ title, record }) => {
    const copy: ExpectedSpan = { ...copySpan(record), serviceName: 'conformance' }
    const expected = { ...copy, ...options.traces?.expected?.(copy) }
    return {
      title,
      item: record,
      hostile: () => withHostileValue(record),
      check(arrived) {
        const found = (arrived as DecodedSpan[]).find(({ spanId }) => spanId === record.spanId)
        assert.ok(found, `the span "${title}" did not arrive`)
        assertSameTelemetry(found, expected, title)
      },
    }
  })
}

function logCases({ options }: BenchOptions): Case[] {
  return goldenLogs().map(({ title, record }) => {
    const copy = copyLog(record)
    const expected = { ...copy, ...options.logs?.expected?.(copy) }
    return {
      title,
      item: record,
      hostile: () => withHostileValue(record),
      check(arrived) {
        // By its time, as a request may overtake another.
        const found = (arrived as DecodedLog[]).find(({ timeUnixMs }) =>
          isSameTime(timeUnixMs, expected.timeUnixMs),
        )
        assert.ok(found, `the log record "${title}" did not arrive`)
        assertSameTelemetry(found, expected, title)
      },
    }
  })
}

const throwing = () => {
  throw new Error('a value that can not be read')
}

/** TypeScript forbids such a value, and so does tracing; a hook of the app may set it all the same. */
function withHostileValue<R extends SpanRecord | LogRecord>(record: R): R {
  const value = { toString: throwing, toJSON: throwing, [Symbol.toPrimitive]: throwing }
  const attributes = new AttributeList(['bad', value as unknown as AttributeValue])
  return { ...record, attributes }
}

function metricTests(given: BenchOptions): Test[] {
  const count = countItemsOf(given.options, 'metrics')
  const golden = (bench: Bench) => async () => {
    const snapshot = goldenMetrics()
    bench.run.give(snapshot)
    const account = await bench.end()
    assert.deepEqual(account.dropped, {})
    assert.ok(account.delivered > 0, JSON.stringify(account))
    const { receiver } = bench
    const counted = () => receiver.messages().reduce((sum, message) => sum + count(message), 0)
    await bench.waitFor(() => counted() >= account.delivered, `${account.delivered} items`, {
      timeoutMs: 5_000,
    })
    assert.equal(counted(), account.delivered, 'what the backend counted')
    given.options.metrics?.check?.(receiver.messages(), snapshot)
  }
  const empty = async (bench: Bench) => {
    bench.run.give({ families: [], failures: [], timeUnixMs: Date.now() })
    assert.deepEqual((await bench.end()).dropped, {})
  }
  return [
    { title: 'every type, attribute and number', run: () => withBench(given, (bench) => golden(bench)()) },
    { title: 'empty', run: () => withBench(given, empty) },
  ]
}

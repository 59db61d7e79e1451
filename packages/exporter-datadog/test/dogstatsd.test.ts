import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { HistogramPoint, MetricFamily, MetricSnapshot, PushMetrics } from '@hashira/core'
import { datadog } from '@hashira/exporter-datadog'
import fc from 'fast-check'
import { type DogstatsdFormat, encodeMetrics } from '../dist/dogstatsd/encode-metrics.js'
import { histogramValues } from '../dist/dogstatsd/histogram-values.js'
import { framed, packetsOf } from '../dist/dogstatsd/packets.js'
import { canLoadUnixDgram } from '../dist/dogstatsd/unix-dgram.js'
import { resource } from './records'
import { waitFor } from './wait-for'

const never = new AbortController().signal
const format: DogstatsdFormat = {
  tags: ['service:shop', 'env:prod'],
  containerId: undefined,
  externalEnv: undefined,
  histogramType: 'd',
  timestamps: false,
  maxPacketBytes: 1_432,
}
const base = { naming: 'opentelemetry', description: '', unit: '' } as const

function snapshot(...families: MetricFamily[]): MetricSnapshot {
  return { families, failures: [], timeUnixMs: 1_795_411_000_500 }
}

function number(
  name: string,
  type: 'counter' | 'gauge',
  value: number,
  attributes: string[] = [],
): MetricFamily {
  return { ...base, name, type, points: [{ attributes, startTimeUnixMs: 0, value }] }
}

function histogram(name: string, point: Partial<HistogramPoint>, attributes: string[] = []): MetricFamily {
  const full = { attributes, startTimeUnixMs: 0, count: 0, sum: 0, bounds: [], bucketCounts: [], ...point }
  return { ...base, name, type: 'histogram', points: [full] }
}

function lines(families: MetricFamily[], more: Partial<DogstatsdFormat> = {}): string[] {
  const batches = [...encodeMetrics(snapshot(...families), { ...format, ...more })].filter(
    (batch) => batch !== undefined,
  )
  const all = batches.flatMap(({ bytes }) => Buffer.from(bytes).toString().split('\n'))
  assert.equal(
    batches.reduce((sum, { itemCount }) => sum + itemCount, 0),
    all.length,
  )
  return all
}

describe('DogStatsD lines', () => {
  it('counters are counts, gauges gauges, with the unified tags', () => {
    const families = [number('jobs.done', 'counter', 3, ['queue', 'mail']), number('heap', 'gauge', 1.5)]
    assert.deepEqual(lines(families), [
      'jobs.done:3|c|#service:shop,env:prod,queue:mail',
      'heap:1.5|g|#service:shop,env:prod',
    ])
  })

  it('carry the container, the external environment and, when asked to, their time', () => {
    const more = { containerId: 'ci-abc', externalEnv: 'it-false', timestamps: true, tags: [] }
    assert.deepEqual(lines([number('a', 'counter', 1)], more), ['a:1|c|c:ci-abc|e:it-false|T1795411000'])
    assert.deepEqual(lines([histogram('h', { count: 1, sum: 1, bounds: [2], bucketCounts: [1, 0] })], more), [
      'h:1|d|c:ci-abc|e:it-false',
    ])
  })

  it('histograms are distributions: values with the same count share a line, and the rate is the count', () => {
    const point = { count: 7, sum: 9.5, bounds: [1, 2, 4], bucketCounts: [1, 1, 5, 0] }
    const [first, second, ...others] = lines([histogram('h', point)], { tags: [] })
    assert.deepEqual(others, [])
    assert.match(first!, /^h:[\d.]+:[\d.]+\|d$/)
    assert.match(second!, /^h:[\d.]+\|d\|@0\.19999999999\d*$/)
    assert.equal(lines([histogram('h', point)], { tags: [], histogramType: 'h' })[0]!.split('|')[1], 'h')
  })

  it('never break out of their field', () => {
    const evil = number('x:1|c\ny', 'counter', 1, ['a|b,c:d', 'e,f|#g\nh', 'empty', '', 'ünï', 'cödé'])
    assert.deepEqual(lines([evil], { tags: [] }), ['x_1_c_y:1|c|#a_b_c_d:e_f_#g_h,ünï:cödé'])
    assert.deepEqual(lines([number('9lives', 'gauge', 1), number('!!!', 'gauge', 1)], { tags: [] }), [
      'lives:1|g',
    ])
    assert.equal(
      lines([number('n'.repeat(300), 'gauge', 1, ['k', 'v'.repeat(500)])], { tags: [] })[0],
      `${'n'.repeat(200)}:1|g|#k:${'v'.repeat(198)}`,
    )
  })

  it('leave out what is no number', () => {
    const families = [number('a', 'gauge', Number.NaN), number('b', 'counter', Number.POSITIVE_INFINITY)]
    assert.deepEqual([...encodeMetrics(snapshot(...families), format)], [])
    const odd = histogram('h', { count: 2, sum: Number.NaN, bounds: [1], bucketCounts: [2, 0] })
    assert.deepEqual(lines([odd], { tags: [] }), ['h:0.5|d|@0.49999999999949996'])
  })

  it('summaries are count, sum and quantiles', () => {
    const points = [
      {
        attributes: ['a', 'b'],
        startTimeUnixMs: 0,
        count: 2,
        sum: 5,
        quantiles: [{ quantile: 0.99, value: 3 }],
      },
    ]
    assert.deepEqual(lines([{ ...base, name: 's', type: 'summary', points }], { tags: [] }), [
      ...['s.count:2|c|#a:b', 's.sum:5|c|#a:b', 's.quantile:3|g|#a:b,quantile:0.99'],
    ])
  })

  it('keep count and sum of any histogram', () => {
    const anyPoint = fc
      .tuple(
        fc.uniqueArray(fc.double({ min: 0.001, max: 1e4, noNaN: true }), { minLength: 1, maxLength: 12 }),
        fc.array(fc.double({ min: 0, max: 1e4, noNaN: true }), { minLength: 1, maxLength: 60 }),
      )
      .map(([bounds, values]) => {
        bounds.sort((a, b) => a - b)
        const bucketCounts = new Array<number>(bounds.length + 1).fill(0)
        for (const value of values) bucketCounts[bounds.filter((bound) => value > bound).length]!++
        const sum = values.reduce((total, value) => total + value, 0)
        return { attributes: [], startTimeUnixMs: 0, count: values.length, sum, bounds, bucketCounts }
      })
    fc.assert(
      fc.property(anyPoint, (point) => {
        const values = histogramValues(point)
        assert.equal(
          values.reduce((total, { count }) => total + count, 0),
          point.count,
        )
        const sum = values.reduce((total, { value, count }) => total + value * count, 0)
        assert.ok(Math.abs(sum - point.sum) <= 1e-4 * Math.max(point.sum, 1e-3), `${sum}, not ${point.sum}`)
        // Each stands in a bucket that something was counted in.
        const { bounds, bucketCounts } = point
        for (const { value } of values) {
          const holds = (i: number) =>
            value >= (bounds[i - 1] ?? 0) * (1 - 1e-5) &&
            value <= (bounds[i] ?? Number.POSITIVE_INFINITY) * (1 + 1e-5)
          assert.ok(bucketCounts.some((count, i) => count > 0 && holds(i)))
        }
        for (const line of lines([{ ...base, name: 'h', type: 'histogram', points: [point] }])) {
          const rate = /\|@([\d.e-]+)/.exec(line)?.[1]
          const count = rate === undefined ? 1 : Math.floor(1 / Number(rate))
          assert.ok(
            values.some((value) => value.count === count),
            line,
          )
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('packets', () => {
  it('hold as many whole lines as fit, and every line once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 300 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 10, max: 400 }),
        (lengths, max) => {
          const all = lengths.map((length, i) => `${i}:${'x'.repeat(length)}`)
          const packets = [...packetsOf(Buffer.from(all.join('\n')), max)]
          assert.deepEqual(
            packets.flatMap(({ bytes }) => Buffer.from(bytes).toString().split('\n')),
            all,
          )
          for (const { bytes, itemCount } of packets) {
            const text = Buffer.from(bytes).toString().split('\n')
            assert.equal(itemCount, text.length)
            assert.ok(bytes.length <= max || text.length === 1)
          }
        },
      ),
    )
    assert.deepEqual([...packetsOf(new Uint8Array(0), 10)], [])
  })

  it('have their length in front on a stream', () => {
    const bytes = Buffer.from(framed(Buffer.from('a:1|c\nb:2|c'), 6))
    assert.equal(bytes.toString('latin1'), '\x05\0\0\0a:1|c\x05\0\0\0b:2|c')
  })

  it('a distribution with many values is several lines that fit', () => {
    const bounds = Array.from({ length: 400 }, (_, i) => i + 1)
    const bucketCounts = bounds.map(() => 1)
    const sum = bounds.reduce((total, bound) => total + bound - 0.5, 0)
    const all = lines([histogram('h', { count: 400, sum, bounds, bucketCounts: [...bucketCounts, 0] })])
    assert.ok(all.length > 1 && all.every((line) => Buffer.byteLength(line) <= 1_432))
    assert.equal(all.flatMap((line) => line.split('|')[0]!.split(':').slice(1)).length, 400)
  })
})

describe('DogStatsD', () => {
  const families = Array.from({ length: 100 }, (_, i) =>
    number(`metric.${i}`, 'gauge', i, ['tag', 'x'.repeat(100)]),
  )

  async function push(dogstatsdUrl: string): Promise<void> {
    const metrics = datadog({ dogstatsdUrl }).metrics as PushMetrics
    assert.equal(metrics.temporality, 'delta')
    for (const batch of metrics.encode(snapshot(...families), resource)) {
      if (batch === undefined) continue
      const result = await metrics.transport.send(batch, never)
      assert.deepEqual(result, {
        outcome: 'delivered',
        ...('rejected' in result ? { rejected: result.rejected } : {}),
      })
      assert.equal(
        'rejected' in result && result.rejected?.itemCount,
        'rejected' in result ? undefined : false,
      )
    }
    metrics.transport.close?.()
  }

  function assertComplete(packets: readonly Buffer[], maxBytes: number): void {
    const names = packets.flatMap((packet) => packet.toString().split('\n')).map((line) => line.split(':')[0])
    assert.deepEqual(names.sort(), families.map(({ name }) => name).sort())
    assert.ok(packets.every(({ length }) => length <= maxBytes))
    assert.ok(packets.some(({ length }) => length > maxBytes / 2))
    assert.match(packets[0]!.toString(), /\|#service:shop,env:prod,version:1\.2\.3,tag:x+/)
  }

  it('over UDP gets packets of at most 1,432 bytes', async () => {
    const packets: Buffer[] = []
    const socket = createSocket('udp4', (packet) => packets.push(packet))
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
    await push(`udp://127.0.0.1:${socket.address().port}`)
    await waitFor(() => packets.join('\n').split('\n').length === 100)
    socket.close()
    assertComplete(packets, 1_432)
  })

  it('that does not listen is a failure that is tried again', async () => {
    const socket = createSocket('udp4')
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
    const { port } = socket.address()
    socket.close()
    const metrics = datadog({ dogstatsdUrl: `udp://127.0.0.1:${port}` }).metrics as PushMetrics
    const batch = [...metrics.encode(snapshot(...families), resource)].at(-1)
    assert.equal((await metrics.transport.send(batch!, never)).outcome, 'retry')
    metrics.transport.close!()
  })

  it('over a unix stream socket gets packets with their length in front', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dsd-'))
    let received = Buffer.alloc(0)
    const server = createServer((socket) =>
      socket.on('data', (chunk: Buffer) => {
        received = Buffer.concat([received, chunk])
      }),
    )
    await new Promise<void>((resolve) => server.listen(join(folder, 'dsd.socket'), resolve))
    await push(`unixstream://${join(folder, 'dsd.socket')}`)
    const packetsNow = () => {
      const packets: Buffer[] = []
      for (let at = 0; at + 4 <= received.length; at += 4 + received.readUInt32LE(at))
        packets.push(received.subarray(at + 4, at + 4 + received.readUInt32LE(at)))
      return packets
    }
    await waitFor(() => packetsNow().join('\n').split('\n').length === 100)
    server.close()
    rmSync(folder, { recursive: true })
    assertComplete(packetsNow(), 8_192)
  })

  const skip = canLoadUnixDgram() ? false : 'the optional unix-dgram is not installed'
  it('over a unix datagram socket gets packets of at most 8,192 bytes', { skip }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dsd-'))
    const path = join(folder, 'dsd.socket')
    const unix = require('unix-dgram')
    const packets: Buffer[] = []
    const socket = unix.createSocket('unix_dgram', (packet: Buffer) => packets.push(Buffer.from(packet)))
    socket.bind(path)
    await push(`unix://${path}`)
    await waitFor(() => packets.join('\n').split('\n').length === 100)
    socket.close()
    const metrics = datadog({ dogstatsdUrl: `unix://${join(folder, 'nobody')}` }).metrics as PushMetrics
    const batch = [...metrics.encode(snapshot(...families), resource)].at(-1)
    const result = await metrics.transport.send(batch!, never)
    assert.deepEqual([result.outcome, 'reason' in result && result.reason], ['retry', 'connection'])
    rmSync(folder, { recursive: true })
    assertComplete(packets, 8_192)
  })

  it('over a unix datagram socket that is full waits for room, and loses nothing', { skip }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dsd-'))
    const path = join(folder, 'dsd.socket')
    const unix = require('unix-dgram')
    let received = 0
    const socket = unix.createSocket('unix_dgram', (packet: Buffer) => {
      received += packet.toString().split('\n').length
    })
    socket.bind(path)
    const metrics = datadog({ dogstatsdUrl: `unix://${path}` }).metrics as PushMetrics
    // The receiver has no turn before 4 MiB are sent, and the kernel holds fewer.
    const bytes = Buffer.from(Array.from({ length: 40_000 }, (_, i) => `${i}:${'x'.repeat(100)}`).join('\n'))
    const result = await metrics.transport.send({ bytes, itemCount: 40_000 }, never)
    assert.equal(result.outcome, 'delivered')
    await waitFor(() => received === 40_000)
    socket.close()
    rmSync(folder, { recursive: true })
  })

  it('says what to install for a unix datagram socket', {
    skip: skip === false && 'unix-dgram is installed',
  }, () => {
    assert.throws(
      () => datadog({ dogstatsdUrl: 'unix:///var/run/datadog/dsd.socket' }),
      /npm install unix-dgram/,
    )
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  AttributeList,
  addMetricSource,
  collectMetrics,
  type MetricSnapshot,
  type NumberPoint,
  type PushMetrics,
} from '@hashira/core'
import { createMetricPipeline, createPipeline, HttpTransport } from '@hashira/delivery'
import { Backend } from './support/backend'
import { assertBalanced, inMs, linesSaid, quickRetry, until } from './support/checks'
import { decode, record, TestEncoder } from './support/encoder'

const resource = { attributes: new AttributeList() }

function push(url: string, more: Partial<PushMetrics> = {}): PushMetrics {
  return {
    kind: 'push',
    transport: new HttpTransport({ url, contentType: 't', timeoutMs: 2_000 }),
    temporality: 'cumulative',
    encode: (snapshot) => {
      const encoder = new TestEncoder()
      for (const family of snapshot.families)
        for (const point of family.points)
          encoder.append(record(`${family.name}=${(point as NumberPoint).value}`))
      return [encoder.take()]
    },
    ...more,
  }
}

function counting(): { collect: () => Promise<MetricSnapshot> } {
  let value = 0
  return {
    collect: async () => {
      value += 10
      const points = [{ attributes: [], startTimeUnixMs: 1, value }]
      const family = {
        name: 'n',
        naming: 'opentelemetry',
        description: '',
        unit: '',
        type: 'counter',
        points,
      } as const
      return { families: [family], failures: [], timeUnixMs: Date.now() }
    },
  }
}

describe('periodic push', () => {
  test('of what an exporter counts itself: no metric source is read for it', async () => {
    const backend = await Backend.start()
    let counted = 2
    const encode = (snapshot: MetricSnapshot) => {
      assert.deepEqual(snapshot.families, [])
      const encoder = new TestEncoder()
      for (; counted > 0; counted--) encoder.append(record(`own=${counted}`))
      return encoder.itemCount === 0 ? [] : [encoder.take()]
    }
    const pipeline = createMetricPipeline({
      exporter: 'm',
      push: push(backend.url, { intervalMs: 60_000, needsSnapshot: false, encode }),
      resource,
      collect: () => assert.fail('a source was read'),
    })
    assert.equal(await pipeline.flush(inMs(10_000)), true)
    assert.deepEqual(backend.names, ['own=2', 'own=1'])
    await pipeline.shutdown(inMs(1_000))
    assertBalanced(pipeline.account())
    assert.equal(pipeline.account().delivered, 2)
    await backend.stop()
  })

  test('every interval, and at shutdown', async () => {
    const backend = await Backend.start()
    const pipeline = createMetricPipeline({
      exporter: 'm',
      push: push(backend.url, { intervalMs: 20 }),
      resource,
      ...counting(),
    })
    await until(() => pipeline.account().delivered >= 2, pipeline)
    const before = backend.names.length
    await pipeline.shutdown(inMs(1_000))
    assert.ok(backend.names.length > before)
    // Two may be under way at once, so not by order.
    for (const name of ['n=10', 'n=20']) assert.ok(backend.names.includes(name), name)
    assertBalanced(pipeline.account())
    assert.equal(pipeline.account().pending, 0)
    await backend.stop()
  })

  test('deltas', async () => {
    const backend = await Backend.start()
    const pipeline = createMetricPipeline({
      exporter: 'm',
      push: push(backend.url, { temporality: 'delta' }),
      resource,
      ...counting(),
    })
    for (let i = 0; i < 3; i++) assert.equal(await pipeline.flush(inMs(1_000)), true)
    assert.deepEqual(backend.names, ['n=10', 'n=10', 'n=10'])
    await pipeline.shutdown(inMs(1_000))
    await backend.stop()
  })

  test('a backend that is down keeps them waiting; a refused delta is a counted drop', async () => {
    const answers = [503, 400, 200]
    const backend = await Backend.start((response) => response.writeHead(answers.shift() ?? 200).end())
    const options = {
      exporter: 'm',
      push: push(backend.url, { temporality: 'delta' }),
      resource,
      retry: quickRetry,
    }
    const pipeline = createMetricPipeline({ ...options, ...counting() })
    await linesSaid(async () => {
      await pipeline.flush(inMs(1_000))
      await pipeline.flush(inMs(1_000))
    })
    assert.deepEqual(pipeline.account().dropped, { http_400: 1 })
    assert.equal(pipeline.account().delivered, 1)
    await pipeline.shutdown(inMs(1_000))
    await backend.stop()
  })

  test('an encoder or a source that throws', async () => {
    const backend = await Backend.start()
    const encode = () => {
      throw new Error('no')
    }
    const bad = createMetricPipeline({
      exporter: 'm',
      push: push(backend.url, { encode }),
      resource,
      ...counting(),
    })
    const collect = () => Promise.reject(new Error('no'))
    const empty = createMetricPipeline({ exporter: 'm', push: push(backend.url), resource, collect })
    await linesSaid(async () => {
      await bad.flush(inMs(1_000))
      assert.equal(await empty.flush(inMs(1_000)), true)
    })
    assert.deepEqual(bad.account().dropped, { encode_error: 1 })
    assertBalanced(bad.account())
    await Promise.all([bad.shutdown(inMs(100)), empty.shutdown(inMs(100))])
    await backend.stop()
  })

  test('a source that never answers holds up nobody beyond the deadline', async () => {
    const backend = await Backend.start()
    const collect = () => new Promise<MetricSnapshot>(() => {})
    const pipeline = createMetricPipeline({ exporter: 'm', push: push(backend.url), resource, collect })
    const startMs = performance.now()
    assert.equal(await pipeline.flush(inMs(100)), false)
    await pipeline.shutdown(inMs(100))
    assert.ok(performance.now() - startMs < 1_000)
    await backend.stop()
  })
})

describe('snapshots that are encoded bit by bit', () => {
  const busy = (forMs: number) => {
    for (const endMs = performance.now() + forMs; performance.now() < endMs; );
  }

  test('batches of a generator are pulled one by one, with turns for others in between', async () => {
    const backend = await Backend.start()
    let turns = 0
    const seenBetween: number[] = []
    const pipeline = createMetricPipeline({
      exporter: 'm',
      push: push(backend.url, {
        *encode() {
          for (let i = 0; i < 6; i++) {
            busy(5)
            seenBetween.push(turns)
            // Every other time nothing is ready yet.
            if (i % 2 === 1) yield { bytes: Buffer.alloc(0), itemCount: 1 }
            else yield undefined
          }
        },
      }),
      resource,
      ...counting(),
    })
    const count = setInterval(() => turns++, 0)
    assert.equal(await pipeline.flush(inMs(5_000)), true)
    clearInterval(count)
    assert.ok(new Set(seenBetween).size >= 3, `turns: ${seenBetween}`)
    assert.deepEqual([pipeline.account().ended, pipeline.account().delivered], [3, 3])
    await pipeline.shutdown(inMs(1_000))
    assertBalanced(pipeline.account())
    await backend.stop()
  })

  test('one that throws half-way loses the rest, counted', async () => {
    const backend = await Backend.start()
    const pipeline = createMetricPipeline({
      exporter: 'm',
      push: push(backend.url, {
        *encode() {
          yield { bytes: Buffer.alloc(0), itemCount: 1 }
          throw new Error('cannot go on')
        },
      }),
      resource,
      collect: async () => {
        const [one] = (await counting().collect()).families
        return { families: [one!, one!, one!], failures: [], timeUnixMs: Date.now() }
      },
    })
    await pipeline.flush(inMs(5_000))
    const { ended, delivered, dropped } = pipeline.account()
    assert.deepEqual({ ended, delivered, dropped }, { ended: 3, delivered: 1, dropped: { encode_error: 2 } })
    await pipeline.shutdown(inMs(1_000))
    await backend.stop()
  })
})

describe('the account as metrics', () => {
  const read = async (name: string, exporter: string) => {
    const family = (await collectMetrics()).families.find((one) => one.name === name)
    const points = (family?.points ?? []) as readonly NumberPoint[]
    return points
      .filter(({ attributes }) => attributes.includes(exporter))
      .map(({ attributes, value }) => [attributes, value])
  }

  test('per exporter and signal, by reason, and under OpenTelemetry names', async () => {
    const backend = await Backend.start((response, _received, nth) =>
      response.writeHead(nth === 1 ? 400 : 200).end(),
    )
    const make = () => {
      const transport = new HttpTransport({ url: backend.url, contentType: 't' })
      return createPipeline({ exporter: 'acct', signal: 'traces', encoder: new TestEncoder(), transport })
    }
    const first = make()
    await linesSaid(async () => {
      first.append(record('a'))
      await first.flush(inMs(1_000))
    })
    const labels = ['exporter', 'acct', 'signal', 'traces']
    assert.deepEqual(await read('hashira.exporter.up', 'acct'), [[labels, 0]])
    await linesSaid(async () => {
      first.append(record('b'))
      first.append(record('bad'))
      await first.shutdown(inMs(1_000))
    })
    const second = make()
    second.append(record('c'))
    assert.deepEqual(await read('hashira.exporter.ended', 'acct'), [[labels, 4]])
    assert.deepEqual(await read('hashira.exporter.delivered', 'acct'), [[labels, 1]])
    assert.deepEqual(await read('hashira.exporter.pending', 'acct'), [[labels, 1]])
    assert.deepEqual(await read('hashira.exporter.queue.size', 'acct'), [
      [labels, second.account().queueBytes],
    ])
    assert.deepEqual(await read('hashira.exporter.dropped', 'acct'), [
      [[...labels, 'reason', 'http_400'], 1],
      [[...labels, 'reason', 'encode_error'], 1],
    ])
    const only = async (name: string) => (await read(name, 'acct'))[0] as [unknown, number]
    const [lastSuccess, successSeconds] = await only('hashira.exporter.last_success.time')
    const [lastError, errorSeconds] = await only('hashira.exporter.last_error.time')
    assert.deepEqual([lastSuccess, lastError], [labels, [...labels, 'reason', 'http_400']])
    for (const seconds of [successSeconds, errorSeconds])
      assert.ok(Math.abs(Date.now() / 1_000 - seconds) < 60, `${seconds} s`)
    for (const name of ['spooled', 'recovered', 'spool.size', 'spool.torn', 'retries'])
      assert.deepEqual(await read(`hashira.exporter.${name}`, 'acct'), [[labels, 0]], name)
    const component = [
      'otel.component.type',
      'acct_span_exporter',
      'otel.component.name',
      'acct_span_exporter/0',
    ]
    assert.deepEqual(await read('otel.sdk.exporter.span.exported', 'acct_span_exporter'), [
      [component, 1],
      [[...component, 'error.type', 'http_400'], 1],
    ])
    assert.deepEqual(await read('otel.sdk.exporter.span.inflight', 'acct_span_exporter'), [[component, 0]])
    await second.shutdown(inMs(1_000))
    assert.deepEqual(await read('hashira.exporter.delivered', 'acct'), [[labels, 2]])
    await backend.stop()
  })

  test('are pushed like any other', async () => {
    const backend = await Backend.start()
    const remove = addMetricSource({ name: 'own', collect: () => ({ families: [] }) })
    const pipeline = createMetricPipeline({ exporter: 'self', push: push(backend.url), resource })
    await pipeline.flush(inMs(1_000))
    assert.ok(decode(backend.requests[0]!.body).some((name) => name.startsWith('hashira.exporter.ended=')))
    remove()
    await pipeline.shutdown(inMs(1_000))
    await backend.stop()
  })
})

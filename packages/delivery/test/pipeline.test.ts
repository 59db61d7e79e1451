import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  activeContext,
  type BatchLimits,
  isTracingSuppressed,
  type SendResult,
  type Transport,
} from '@hashira/core'
import {
  batchLimits,
  createPipeline,
  HttpTransport,
  type Pipeline,
  type PipelineOptions,
  type RetryOptions,
} from '@hashira/delivery'
import { Backend, closedPort } from './support/backend'
import { assertBalanced, droppedItems, inMs, linesSaid, quickRetry, until } from './support/checks'
import { record, TestEncoder } from './support/encoder'

interface Given {
  limits?: Partial<BatchLimits>
  retry?: Partial<RetryOptions>
  timeoutMs?: number
  compression?: 'gzip'
  groupSize?: number
  onStateChange?: PipelineOptions['onStateChange']
}

function pipelineTo(url: string, given: Given = {}): Pipeline {
  const { timeoutMs = 5_000, compression, ...options } = given
  const transport = new HttpTransport({ url, contentType: 'application/x-test', timeoutMs, compression })
  return pipelineOver(transport, options)
}

function pipelineOver(
  transport: Transport,
  options: Omit<Given, 'timeoutMs' | 'compression'> = {},
): Pipeline {
  const { limits, retry = quickRetry, onStateChange, groupSize } = options
  const encoder = Object.assign(new TestEncoder(), { groupSize })
  const intervalMs = 10
  return createPipeline({
    exporter: 'test',
    signal: 'traces',
    encoder,
    transport,
    limits: { intervalMs, ...limits },
    retry,
    onStateChange,
  })
}

function fill(pipeline: Pipeline, count: number, prefix = 's'): void {
  for (let i = 0; i < count; i++) pipeline.append(record(`${prefix}${i}`))
}

describe('batches', () => {
  test('are closed by number, by size and by time', async () => {
    const backend = await Backend.start()
    const pipeline = pipelineTo(backend.url, {
      limits: { maxBatchItems: 3, maxBatchBytes: 60, intervalMs: 20 },
    })
    fill(pipeline, 7)
    pipeline.append(record('x'.repeat(100)))
    fill(pipeline, 1, 'last')
    await until(() => pipeline.account().delivered === 9, pipeline)
    assert.deepEqual(backend.requests.length, 4)
    await pipeline.shutdown(inMs(1_000))
    await backend.stop()
  })

  test('waiting to be encoded together: what counts, and what closes a batch, is as if nothing waited', async () => {
    const backend = await Backend.start()
    const pipeline = pipelineTo(backend.url, {
      limits: { maxBatchItems: 20, intervalMs: 60_000 },
      groupSize: 16,
    })
    fill(pipeline, 5)
    const { ended, pending, queueBytes } = pipeline.account()
    assert.deepEqual([ended, pending], [5, 5])
    assert.ok(queueBytes > 0)
    fill(pipeline, 55)
    await until(() => pipeline.account().delivered === 60, pipeline)
    assert.equal(backend.requests.length, 3)
    fill(pipeline, 3)
    assert.equal(pipeline.pendingRequests().length, 1)
    fill(pipeline, 2)
    pipeline.abandon('end_of_test')
    assert.deepEqual(pipeline.account().dropped, { end_of_test: 5 })
    await backend.stop()
  })

  test('logs wait for a second by default, other things for five', () => {
    assert.equal(batchLimits({}, 'logs').intervalMs, 1_000)
    assert.equal(batchLimits({}, 'traces').intervalMs, 5_000)
    assert.equal(batchLimits({ intervalMs: 7 }, 'logs').intervalMs, 7)
    assert.equal(batchLimits({ exportTimeoutMs: 0 }).exportTimeoutMs, Number.POSITIVE_INFINITY)
  })

  test('a request takes no longer than exportTimeoutMs, whatever the transport allows itself', async () => {
    const backend = await Backend.start(() => {})
    const pipeline = pipelineTo(backend.url, { limits: { exportTimeoutMs: 50 }, timeoutMs: 60_000 })
    fill(pipeline, 1)
    await until(() => pipeline.account().retries > 0, pipeline)
    assert.match(pipeline.account().lastError!, /^timeout_after_send/)
    await backend.stop()
    await pipeline.shutdown(inMs(0))
  })

  test('a record that cannot be encoded is dropped alone', async () => {
    const backend = await Backend.start()
    const pipeline = pipelineTo(backend.url)
    const lines = await linesSaid(async () => {
      for (const name of ['a', 'bad', 'b', 'bad']) pipeline.append(record(name))
      await pipeline.shutdown(inMs(1_000))
    })
    assert.deepEqual(backend.names, ['a', 'b'])
    assert.deepEqual(pipeline.account().dropped, { encode_error: 2 })
    assertBalanced(pipeline.account())
    assert.equal(lines.filter((line) => line.includes('cannot encode this')).length, 1)
    await backend.stop()
  })

  test('a refused record counts as ended and dropped', () => {
    const pipeline = pipelineTo('http://127.0.0.1:1/')
    pipeline.refuse('hook')
    assert.deepEqual(pipeline.account().dropped, { hook: 1 })
    assertBalanced(pipeline.account())
    pipeline.abandon('test')
  })

  test('an encoder that cannot close its batch', async () => {
    const encoder = new TestEncoder()
    encoder.take = () => {
      throw new Error('take failed')
    }
    const transport = new HttpTransport({ url: 'http://127.0.0.1:1/', contentType: 't' })
    const pipeline = createPipeline({ exporter: 'test', signal: 'traces', encoder, transport })
    await linesSaid(async () => {
      fill(pipeline, 3)
      await pipeline.shutdown(inMs(100))
    })
    assert.deepEqual(pipeline.account().dropped, { encode_error: 3 })
  })

  test('nothing is kept, or runs, in the context of whoever appended', async () => {
    const backend = await Backend.start()
    const app = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    const http = new HttpTransport({ url: backend.url, contentType: 't' })
    const transport: Transport = {
      destination: http.destination,
      async send(batch, abort) {
        seen.push(app.getStore(), isTracingSuppressed(activeContext()))
        return http.send(batch, abort)
      },
    }
    const pipeline = pipelineOver(transport, { limits: { maxBatchItems: 2 } })
    app.run('request', () => fill(pipeline, 3))
    await app.run('request', () => pipeline.flush(inMs(1_000)))
    assert.deepEqual(seen, [undefined, true, undefined, true])
    await app.run('request', () => pipeline.shutdown(inMs(1_000)))
    http.close()
    await backend.stop()
  })
})

test('neither the timer of a batch nor a kept socket keeps a request in memory', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const backend = await Backend.start()
  const app = new AsyncLocalStorage<object>()
  const kept = pipelineTo(backend.url, { limits: { maxBatchItems: 1 } })
  const waiting = pipelineTo(backend.url, { limits: { intervalMs: 60_000 } })
  const request = (): WeakRef<object> => {
    const store = { request: true }
    app.run(store, () => {
      kept.append(record('a'))
      waiting.append(record('b'))
    })
    return new WeakRef(store)
  }
  const reference = request()
  await until(() => kept.account().delivered === 1)
  await until(() => {
    collectGarbage()
    return reference.deref() === undefined
  })
  assert.equal(waiting.account().pending, 1)
  await Promise.all([kept.shutdown(inMs(1_000)), waiting.shutdown(inMs(1_000))])
  await backend.stop()
})

describe('bursts in one tick', () => {
  for (const [count, compression] of [
    [20_000, undefined],
    [100_000, undefined],
    [100_000, 'gzip'],
  ] as const)
    test(`${count} spans ${compression ?? 'as they are'}: none is lost, and sending does not block`, async () => {
      const backend = await Backend.start()
      const pipeline = createPipeline({
        exporter: 'test',
        signal: 'traces',
        encoder: new TestEncoder(),
        transport: new HttpTransport({ url: backend.url, contentType: 't', compression }),
      })
      const name = 'n'.repeat(250)
      for (let i = 0; i < count; i++) pipeline.append(record(name))
      assert.equal(backend.requests.length, 0)
      let turns = 0
      const counting = setInterval(() => turns++, 0)
      assert.equal(await pipeline.flush(inMs(20_000)), true)
      clearInterval(counting)
      assert.equal(pipeline.account().delivered, count)
      assert.equal(droppedItems(pipeline.account()), 0)
      await until(() => backend.names.length === count)
      // Sending is spread over many turns of the event loop.
      assert.ok(turns > 10, `${turns} turns`)
      await pipeline.shutdown(inMs(1_000))
      await backend.stop()
    })
})

describe('the bound', () => {
  test('drops the oldest waiting batch, never one under way, and holds in bytes', async () => {
    const answers: (() => void)[] = []
    const backend = await Backend.start((response) => answers.push(() => response.end()))
    const limits = { maxBatchItems: 10, maxQueueBytes: 2_000, maxInFlight: 1 }
    const pipeline = pipelineTo(backend.url, { limits })
    await linesSaid(async () => {
      fill(pipeline, 10, 'first')
      await until(() => backend.requests.length === 1)
      for (let i = 0; i < 500; i++) {
        pipeline.append(record(`s${String(i).padStart(3, '0')}`))
        assertBalanced(pipeline.account())
        assert.ok(pipeline.account().queueBytes <= 2_000 + 30, String(pipeline.account().queueBytes))
      }
    })
    const { dropped } = pipeline.account()
    assert.ok(dropped['queue_full']! > 300)
    const flushed = pipeline.flush(inMs(5_000))
    const answering = setInterval(() => answers.shift()?.(), 1)
    assert.equal(await flushed, true)
    clearInterval(answering)
    assert.equal(backend.names[0], 'first0')
    assert.equal(backend.names.at(-1), 's499')
    assert.equal(pipeline.account().delivered, 510 - dropped['queue_full']!)
    await pipeline.shutdown(inMs(1_000))
    await backend.stop()
  })

  test('with nothing waiting but requests under way the new record goes', async () => {
    const backend = await Backend.start(() => {})
    const pipeline = pipelineTo(backend.url, {
      limits: { maxBatchItems: 2, maxQueueItems: 4, maxInFlight: 2 },
    })
    const lines = await linesSaid(async () => {
      fill(pipeline, 4)
      await until(() => backend.requests.length === 2)
      fill(pipeline, 3)
      assert.deepEqual(pipeline.account().dropped, { queue_full: 3 })
      assertBalanced(pipeline.account())
      pipeline.abandon('test')
    })
    assert.deepEqual(pipeline.account().dropped, { queue_full: 3, test: 4 })
    assert.equal(lines.length, 1)
    await backend.stop()
  })

  test('the line says which bound it was', async () => {
    const bounds: [Partial<BatchLimits>, RegExp][] = [
      [{ maxQueueItems: 4 }, /queue_full: more than 4 items wait/],
      [{ maxQueueBytes: 20 }, /queue_full: more than 20 bytes wait/],
    ]
    for (const [limits, text] of bounds) {
      const transport: Transport = { destination: 'test:', send: () => new Promise(() => {}) }
      const pipeline = pipelineOver(transport, { limits: { maxBatchItems: 1, ...limits } })
      const lines = await linesSaid(async () => {
        fill(pipeline, 20)
        pipeline.abandon('test')
      })
      assert.match(lines[0]!, text)
    }
  })

  test('records of 64 KiB and more', async () => {
    const backend = await Backend.start()
    const pipeline = pipelineTo(backend.url)
    for (let i = 0; i < 100; i++) pipeline.append(record('x'.repeat(64 * 1024)))
    pipeline.append(record('y'.repeat(4 * 1024 * 1024)))
    await pipeline.shutdown(inMs(5_000))
    assert.equal(pipeline.account().delivered, 101)
    await backend.stop()
  })
})

describe('a destination that fails', () => {
  test('down from the start, then there: nothing is lost, one line each way', async () => {
    const port = await closedPort()
    const states: string[] = []
    const pipeline = pipelineTo(`http://u:pw@127.0.0.1:${port}/v1/traces?key=k`, {
      onStateChange: (state) => states.push(state),
    })
    let backend: Backend | undefined
    const lines = await linesSaid(async () => {
      fill(pipeline, 1_500)
      await until(() => pipeline.account().retries > 3, pipeline)
      assert.equal(pipeline.account().state, 'failing')
      assert.match(pipeline.account().lastError!, /^connection: connect ECONNREFUSED/)
      backend = await Backend.start(undefined, port)
      await until(() => pipeline.account().delivered === 1_500, pipeline)
    })
    assert.deepEqual(states, ['failing', 'ok'])
    assert.equal(pipeline.account().state, 'ok')
    assert.equal(lines.length, 2, lines.join('\n'))
    const where = `test traces to http://127.0.0.1:${port}/v1/traces`
    assert.ok(lines[0]!.startsWith(`warn ${where} fails: connection: connect ECONNREFUSED`), lines[0])
    assert.match(lines[0]!, /keeping up to 64 MiB$/)
    assert.ok(lines[1]!.startsWith(`info ${where} works again after `), lines[1])
    assert.match(lines[1]!, /\d+ items waiting, 0 dropped$/)
    await pipeline.shutdown(inMs(1_000))
    await backend!.stop()
  })

  test('dies and returns: delivered at least once, in the account exactly once', async () => {
    let backend = await Backend.start()
    const { port } = backend
    const pipeline = pipelineTo(backend.url, { limits: { maxBatchItems: 10 } })
    await linesSaid(async () => {
      fill(pipeline, 100, 'a')
      await until(() => pipeline.account().delivered === 100, pipeline)
      await backend.stop()
      fill(pipeline, 100, 'b')
      await until(() => pipeline.account().retries > 2, pipeline)
      fill(pipeline, 100, 'c')
      const before = backend.names
      backend = await Backend.start(undefined, port)
      await until(() => pipeline.account().delivered === 300, pipeline)
      assert.equal(new Set([...before, ...backend.names]).size, 300)
    })
    await pipeline.shutdown(inMs(1_000))
    await backend.stop()
  })

  test('during a pause nothing is sent, then one probe, then all', async () => {
    let failing = true
    const atMs: number[] = []
    const backend = await Backend.start((response) => {
      atMs.push(performance.now())
      response.writeHead(failing ? 503 : 200).end()
    })
    const retry = { initialMs: 300, factor: 1, jitter: 0 }
    const pipeline = pipelineTo(backend.url, { limits: { maxBatchItems: 1 }, retry })
    await linesSaid(async () => {
      fill(pipeline, 20)
      await until(() => atMs.length >= 6, pipeline)
      failing = false
      await until(() => pipeline.account().delivered === 20, pipeline)
    })
    // Four at once met the failure; from the first answer on one at a time, 300 ms apart.
    assert.ok(atMs[3]! - atMs[0]! < 290, String(atMs))
    assert.ok(atMs[4]! - atMs[0]! >= 290, String(atMs))
    assert.ok(atMs[5]! - atMs[4]! >= 290, String(atMs))
    await pipeline.shutdown(inMs(1_000))
    await backend.stop()
  })

  for (const [name, header] of [
    ['seconds', () => '1'],
    ['a date', () => new Date(Date.now() + 2_000).toUTCString()],
  ] as const)
    test(`Retry-After in ${name} is kept to`, async () => {
      const atMs: number[] = []
      const backend = await Backend.start((response, _received, nth) => {
        atMs.push(performance.now())
        if (nth === 1) response.writeHead(429, { 'retry-after': header() })
        response.end()
      })
      const pipeline = pipelineTo(backend.url)
      await linesSaid(async () => {
        fill(pipeline, 2)
        await until(() => pipeline.account().delivered === 2, pipeline)
      })
      // A date has whole seconds only.
      assert.ok(atMs[1]! - atMs[0]! >= 950, String(atMs))
      await pipeline.shutdown(inMs(1_000))
      await backend.stop()
    })

  test('a refusal is dropped with its status, said once, and the rest goes on', async () => {
    const backend = await Backend.start((response, _received, nth) =>
      response.writeHead(nth <= 2 ? 400 : 200).end('bad span'),
    )
    const pipeline = pipelineTo(backend.url, { limits: { maxBatchItems: 10, maxInFlight: 1 } })
    const lines = await linesSaid(async () => {
      fill(pipeline, 50)
      await until(() => pipeline.account().pending === 0, pipeline)
    })
    assert.deepEqual(pipeline.account().dropped, { http_400: 20 })
    assert.equal(pipeline.account().delivered, 30)
    assert.equal(lines.length, 1, lines.join('\n'))
    assert.match(lines[0]!, /http_400: bad span/)
    await pipeline.shutdown(inMs(1_000))
    await backend.stop()
  })

  test('a slow one gets everything in the end', async () => {
    // 512 spans every 50 ms, one request at a time.
    let free = Promise.resolve()
    const backend = await Backend.start((response) => {
      free = free
        .then(() => new Promise((resolve) => setTimeout(resolve, 50)))
        .then(() => void response.end())
    })
    const pipeline = pipelineTo(backend.url)
    fill(pipeline, 5_000)
    assert.equal(await pipeline.flush(inMs(10_000)), true)
    assert.equal(pipeline.account().delivered, 5_000)
    await pipeline.shutdown(inMs(1_000))
    await backend.stop()
  })
})

describe('transports that misbehave', () => {
  const cases: [string, (call: number) => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('broken')
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken'))],
    ['rejects with nothing', () => Promise.reject(undefined)],
    ['returns nothing', () => undefined],
    ['returns nonsense', () => Promise.resolve({ outcome: 'perhaps' })],
    [
      'returns what throws when it is read',
      async () => ({
        get outcome() {
          throw new Error('broken')
        },
      }),
    ],
    [
      'returns texts that are none',
      async () => ({ outcome: 'retry', reason: Symbol('r'), message: Symbol('m') }),
    ],
    [
      'settles twice',
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: a promise as bad as they come
        then(resolve: (result: unknown) => void, reject: (error: Error) => void) {
          resolve({ outcome: 'retry', reason: 'first' })
          resolve({ outcome: 'delivered' })
          reject(new Error('third'))
        },
      }),
    ],
  ]
  for (const [name, bad] of cases)
    test(name, async () => {
      let calls = 0
      const transport: Transport = {
        destination: 'test:',
        send: () =>
          (++calls <= 3 ? bad(calls) : Promise.resolve({ outcome: 'delivered' })) as Promise<SendResult>,
      }
      const pipeline = pipelineOver(transport)
      await linesSaid(async () => {
        fill(pipeline, 3)
        await until(() => pipeline.account().delivered === 3, pipeline)
      })
      assert.ok(calls >= 4)
      await pipeline.shutdown(inMs(1_000))
    })

  test('never settles: given up a second after its own limit, then tried again; a late answer is ignored', async () => {
    const late: ((result: SendResult) => void)[] = []
    let calls = 0
    const transport: Transport = {
      destination: 'test:',
      timeoutMs: 10,
      send: () =>
        ++calls === 1
          ? new Promise((resolve) => late.push(resolve))
          : Promise.resolve({ outcome: 'drop', reason: 'second' } as const),
    }
    const pipeline = pipelineOver(transport)
    await linesSaid(async () => {
      fill(pipeline, 3)
      await until(() => calls === 2, pipeline)
    })
    late[0]!({ outcome: 'delivered' })
    await pipeline.shutdown(inMs(1_000))
    assert.deepEqual(pipeline.account().dropped, { second: 3 })
    assertBalanced(pipeline.account())
  })

  test('partial success beyond belief is cut to what was sent', async () => {
    for (const itemCount of [2, 99, -1, Number.NaN]) {
      const transport: Transport = {
        destination: 'test:',
        send: async () => ({ outcome: 'delivered', rejected: { itemCount, message: 'm' } }),
      }
      const pipeline = pipelineOver(transport)
      await linesSaid(async () => {
        fill(pipeline, 3)
        await pipeline.flush(inMs(1_000))
      })
      const rejected = Math.min(Math.max(itemCount || 0, 0), 3)
      assert.equal(pipeline.account().delivered, 3 - rejected)
      assert.equal(pipeline.account().dropped['rejected'] ?? 0, rejected)
      await pipeline.shutdown(inMs(1_000))
    }
  })

  test('a pause that is no number is not a busy loop', async () => {
    let calls = 0
    const transport = {
      destination: 'test:',
      send: async () => ({ outcome: 'retry', reason: `again ${++calls}`, afterMs: 'soon' }),
    } as unknown as Transport
    const pipeline = pipelineOver(transport, { retry: { initialMs: 60_000 } })
    await linesSaid(async () => {
      fill(pipeline, 1)
      await until(() => calls === 1)
      await new Promise((resolve) => setTimeout(resolve, 50))
      pipeline.abandon('test')
    })
    assert.equal(calls, 1)
  })

  test('a warning of the backend is no loss, and is said as one', async () => {
    const transport: Transport = {
      destination: 'test:',
      send: async () => ({ outcome: 'delivered', rejected: { itemCount: 0, message: 'use v2' } }),
    }
    const pipeline = pipelineOver(transport)
    const lines = await linesSaid(async () => {
      fill(pipeline, 1)
      await pipeline.flush(inMs(1_000))
    })
    assert.deepEqual(lines, ['warn test traces to test:: the backend took everything, and says: use v2'])
    await pipeline.shutdown(inMs(1_000))
  })

  test('a request that is none, for the exit of the process, is not there, and the others are', async () => {
    const requests = [
      null,
      'text',
      { url: 'nowhere' },
      { url: 'http://a', method: 'POST', headers: { f() {} } },
    ]
    const body = new Uint8Array(1)
    const good = { url: 'http://b/', method: 'POST', headers: { x: '1' }, body }
    const transport = {
      destination: 'test:',
      send: () => new Promise(() => {}),
      toRequest: () => (requests.length > 0 ? requests.shift() : good),
    } as unknown as Transport
    const pipeline = pipelineOver(transport, { limits: { maxBatchItems: 1 } })
    fill(pipeline, 5)
    const found = pipeline.pendingRequests().map(({ request }) => request)
    assert.deepEqual(found, [undefined, undefined, undefined, undefined, { ...good, tls: undefined }])
    pipeline.abandon('test')
  })

  test('a state hook and a close that throw', async () => {
    let calls = 0
    const transport: Transport = {
      destination: 'test:',
      send: async () => (++calls === 1 ? { outcome: 'retry', reason: 'x' } : { outcome: 'delivered' }),
      close: () => {
        throw new Error('close')
      },
    }
    const onStateChange = () => {
      throw new Error('hook')
    }
    const pipeline = pipelineOver(transport, { onStateChange })
    await linesSaid(async () => {
      fill(pipeline, 3)
      await until(() => pipeline.account().delivered === 3, pipeline)
    })
    await pipeline.shutdown(inMs(1_000))
  })
})

describe('flush and shutdown', () => {
  test('flush of nothing is done at once', async () => {
    const pipeline = pipelineTo('http://127.0.0.1:1/')
    assert.equal(await pipeline.flush(inMs(1_000)), true)
    await pipeline.shutdown(inMs(1_000))
  })

  test('flush tries at once during a pause, and does not wait for a next try after its deadline', async () => {
    let failing = true
    const backend = await Backend.start((response) =>
      response.writeHead(failing ? 503 : 200, { 'retry-after': '100' }).end(),
    )
    const pipeline = pipelineTo(backend.url)
    await linesSaid(async () => {
      fill(pipeline, 3)
      await until(() => pipeline.account().state === 'failing', pipeline)
      const startMs = performance.now()
      assert.equal(await pipeline.flush(inMs(5_000)), false)
      assert.ok(performance.now() - startMs < 2_000)
      assert.equal(backend.requests.length, 2)
      failing = false
      assert.equal(await pipeline.flush(inMs(5_000)), true)
    })
    assert.equal(pipeline.account().delivered, 3)
    await pipeline.shutdown(inMs(1_000))
    await backend.stop()
  })

  test('shutdown with a backend that hangs ends at the deadline and says what may have arrived', async () => {
    const backend = await Backend.start(() => {})
    const pipeline = pipelineTo(backend.url, { limits: { maxBatchItems: 1 } })
    await linesSaid(async () => {
      fill(pipeline, 10)
      await until(() => backend.requests.length === 4)
      const startMs = performance.now()
      const ended = pipeline.shutdown(inMs(300))
      pipeline.append(record('late'))
      await Promise.all([ended, pipeline.shutdown(inMs(10_000))])
      assert.ok(performance.now() - startMs < 1_000)
    })
    assert.deepEqual(pipeline.account().dropped, {
      after_shutdown: 1,
      timeout_after_send: 4,
      shutdown_timeout: 6,
    })
    assert.equal(pipeline.account().pending, 0)
    assert.equal(pipeline.account().queueBytes, 0)
    assertBalanced(pipeline.account())
    await backend.stop()
  })

  test('shutdown with a transport that ignores the abort', async () => {
    const pipeline = pipelineOver({ destination: 'test:', send: () => new Promise(() => {}) })
    await linesSaid(async () => {
      fill(pipeline, 3)
      await pipeline.shutdown(inMs(50))
    })
    assert.deepEqual(pipeline.account().dropped, { shutdown_timeout: 3 })
  })
})

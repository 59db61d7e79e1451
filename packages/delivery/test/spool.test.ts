import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { type BatchLimits, faultCounts } from '@hashira/core'
import { createMetricPipeline, createPipeline, HttpTransport, type Pipeline } from '@hashira/delivery'
import { Backend, closedPort } from './support/backend'
import { assertBalanced, inMs, linesSaid, quickRetry, until } from './support/checks'
import { record, TestEncoder } from './support/encoder'
import { temporaryFolder } from './support/sockets'

interface Given {
  readonly limits?: Partial<BatchLimits>
  readonly maxBytes?: number
  readonly exporter?: string
  readonly timeoutMs?: number
}

function pipelineTo(port: number, dir: string, given: Given = {}): Pipeline {
  const { limits, maxBytes, exporter = 'spooled', timeoutMs = 5_000 } = given
  const url = `http://user:planted-password@127.0.0.1:${port}/v1/traces?key=planted-key`
  return createPipeline({
    exporter,
    signal: 'traces',
    encoder: new TestEncoder(),
    transport: new HttpTransport({ url, contentType: 't', timeoutMs }),
    limits: { intervalMs: 10, maxBatchItems: 10, ...limits },
    retry: quickRetry,
    spool: { dir, maxBytes },
  })
}

function fill(pipeline: Pipeline, from: number, to: number): void {
  for (let i = from; i < to; i++) pipeline.append(record(`s${i}`))
}

const names = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `s${from + i}`)
const folderOf = (dir: string) => join(dir, readdirSync(dir)[0]!)
const filesIn = (dir: string) => (readdirSync(dir).length === 0 ? [] : readdirSync(folderOf(dir)))

describe('a destination that fails', () => {
  test('more than memory holds waits on disk, and is delivered in order when it is back', async () => {
    const port = await closedPort()
    const dir = temporaryFolder()
    // 40 batches of 10, 180 bytes or more each, of which memory holds 10.
    const pipeline = pipelineTo(port, dir, { limits: { maxQueueBytes: 2_000, maxInFlight: 1 } })
    for (let i = 0; i < 400; i += 10) {
      fill(pipeline, i, i + 10)
      await until(() => pipeline.account().spoolBytes >= (i + 10) * 17, pipeline)
    }
    const waiting = pipeline.account()
    assert.deepEqual([waiting.pending, waiting.dropped, waiting.spooled], [400, {}, 0])
    assert.ok(waiting.queueBytes <= 2_000, String(waiting.queueBytes))
    const backend = await Backend.start(undefined, port)
    await until(() => pipeline.account().delivered === 400, pipeline)
    assert.deepEqual(backend.names, names(0, 400))
    await until(() => filesIn(dir).length === 0)
    await pipeline.shutdown(inMs(1_000))
    assert.equal(pipeline.account().delivered, 400)
    await backend.stop()
  })

  test('files are private, and neither they nor their names tell a secret', async () => {
    const dir = temporaryFolder()
    const pipeline = pipelineTo(await closedPort(), dir)
    fill(pipeline, 0, 10)
    await until(() => pipeline.account().spoolBytes > 0, pipeline)
    const folder = folderOf(dir)
    assert.equal(statSync(folder).mode & 0o777, 0o700)
    const [name] = readdirSync(folder)
    assert.match(name!, /^[0-9a-f-]+\.spool1$/)
    assert.equal(statSync(join(folder, name!)).mode & 0o777, 0o600)
    assert.ok(!readFileSync(join(folder, name!)).includes('planted'))
    await pipeline.shutdown(inMs(0))
  })

  test('what waits for a request that hangs is on disk as well', async () => {
    const backend = await Backend.start(() => {})
    const dir = temporaryFolder()
    const pipeline = pipelineTo(backend.port, dir, { timeoutMs: 60_000 })
    fill(pipeline, 0, 20)
    await until(() => backend.requests.length === 2)
    await until(() => pipeline.account().spoolBytes > 2 * 170, pipeline)
    await backend.stop()
    await pipeline.shutdown(inMs(0))
  })
})

describe('the end and the next start', () => {
  test('what the deadline leaves is spooled; the next one delivers it, the same files are not taken twice', async () => {
    const port = await closedPort()
    const dir = temporaryFolder()
    const first = pipelineTo(port, dir)
    fill(first, 0, 95)
    await first.shutdown(inMs(50))
    const left = first.account()
    assert.deepEqual([left.ended, left.spooled, left.pending, left.dropped], [95, 95, 0, {}])
    const backend = await Backend.start(undefined, port)
    const others = [pipelineTo(await closedPort(), dir), pipelineTo(port, dir, { exporter: 'another' })]
    for (const other of others) {
      await other.shutdown(inMs(2_000))
      assert.equal(other.account().recovered, 0)
    }
    const second = pipelineTo(port, dir)
    fill(second, 95, 100)
    assert.equal(await second.flush(inMs(5_000)), true)
    const { ended, recovered, delivered, spooled } = second.account()
    assert.deepEqual(
      { ended, recovered, delivered, spooled },
      { ended: 5, recovered: 95, delivered: 100, spooled: 0 },
    )
    assertBalanced(second.account())
    assert.deepEqual(new Set(backend.names), new Set(names(0, 100)))
    assert.equal(backend.names.length, 100)
    await second.shutdown(inMs(1_000))
    assert.deepEqual(filesIn(dir), [])
    await backend.stop()
  })

  test('what a hung request may have delivered is spooled, not dropped', async () => {
    const backend = await Backend.start(() => {})
    const dir = temporaryFolder()
    const pipeline = pipelineTo(backend.port, dir)
    fill(pipeline, 0, 30)
    await until(() => backend.requests.length === 3)
    await pipeline.shutdown(inMs(20))
    assert.deepEqual([pipeline.account().spooled, pipeline.account().dropped], [30, {}])
    await backend.stop()
  })

  test('what was left over and over is still there', async () => {
    const port = await closedPort()
    const dir = temporaryFolder()
    for (let i = 0; i < 3; i++) {
      const pipeline = pipelineTo(port, dir)
      fill(pipeline, i * 10, i * 10 + 10)
      await pipeline.shutdown(inMs(50))
      const { ended, recovered, spooled } = pipeline.account()
      assert.deepEqual({ ended, recovered, spooled }, { ended: 10, recovered: i * 10, spooled: 10 + i * 10 })
    }
    const backend = await Backend.start(undefined, port)
    const last = pipelineTo(port, dir)
    await last.shutdown(inMs(5_000))
    assert.deepEqual(new Set(backend.names), new Set(names(0, 30)))
    await backend.stop()
  })

  test('delivered batches of a file that holds others are not delivered again', async () => {
    const port = await closedPort()
    const dir = temporaryFolder()
    const first = pipelineTo(port, dir)
    fill(first, 0, 100)
    await first.shutdown(inMs(20))
    let answers = 0
    const backend = await Backend.start(
      (response) => response.writeHead(++answers > 4 ? 503 : 200).end(),
      port,
    )
    const second = pipelineTo(port, dir, { limits: { maxInFlight: 1 } })
    await until(() => second.account().retries > 2, second)
    await second.shutdown(inMs(20))
    assert.deepEqual([second.account().delivered, second.account().spooled], [40, 60])
    backend.behave = (response) => response.end()
    const third = pipelineTo(port, dir)
    await third.shutdown(inMs(5_000))
    assert.equal(third.account().recovered, 60)
    assert.equal(backend.names.length, 100)
    assert.deepEqual(new Set(backend.names), new Set(names(0, 100)))
    await backend.stop()
  })

  test('metrics are spooled as well', async () => {
    const port = await closedPort()
    const dir = temporaryFolder()
    const pipeline = () =>
      createMetricPipeline({
        exporter: 'm',
        push: {
          kind: 'push',
          transport: new HttpTransport({ url: `http://127.0.0.1:${port}/`, contentType: 't' }),
          temporality: 'cumulative',
          encode: () => {
            const encoder = new TestEncoder()
            encoder.append(record('a metric'))
            return [encoder.take()]
          },
        },
        resource: { attributes: [] as never },
        retry: quickRetry,
        spool: { dir },
      })
    const first = pipeline()
    await first.shutdown(inMs(300))
    assert.equal(first.account().spooled, 1)
    const backend = await Backend.start(undefined, port)
    const second = pipeline()
    await second.shutdown(inMs(5_000))
    assert.equal(second.account().recovered, 1)
    assert.equal(second.account().delivered, 2)
    await backend.stop()
  })
})

test('a transport whose batches are no bytes has no spool', async () => {
  const dir = temporaryFolder()
  const pipeline = createPipeline({
    exporter: 'objects',
    signal: 'traces',
    encoder: new TestEncoder(),
    transport: {
      destination: 'objects',
      spoolable: false,
      send: async () => ({ outcome: 'retry', reason: 'busy' }),
    },
    limits: { intervalMs: 1 },
    retry: quickRetry,
    spool: { dir },
  })
  fill(pipeline, 0, 10)
  await until(() => pipeline.account().retries > 1, pipeline)
  await pipeline.shutdown(inMs(10))
  assert.deepEqual([pipeline.account().dropped, readdirSync(dir)], [{ shutdown_timeout: 10 }, []])
})

describe('many small batches', () => {
  test('thousands of them are found at once and delivered in order', async () => {
    const port = await closedPort()
    const dir = temporaryFolder()
    const first = pipelineTo(port, dir, { limits: { maxBatchItems: 1, maxInFlight: 1 } })
    fill(first, 0, 3_000)
    await first.shutdown(inMs(10))
    assert.equal(first.account().spooled, 3_000)
    const backend = await Backend.start(undefined, port)
    const second = pipelineTo(port, dir, { limits: { maxInFlight: 1 } })
    await second.shutdown(inMs(60_000))
    assert.deepEqual([second.account().recovered, second.account().delivered], [3_000, 3_000])
    assert.deepEqual(backend.names, names(0, 3_000))
    await backend.stop()
  })
})

test('many files of one process come in the order in which they were written', async () => {
  const port = await closedPort()
  const dir = temporaryFolder()
  // Files of 5,000 bytes: more than ten of them.
  const first = pipelineTo(port, dir, { maxBytes: 80_000, limits: { maxInFlight: 1 } })
  fill(first, 0, 3_000)
  await first.shutdown(inMs(10))
  assert.ok(filesIn(dir).length > 10, String(filesIn(dir).length))
  const backend = await Backend.start(undefined, port)
  const second = pipelineTo(port, dir, { limits: { maxInFlight: 1 } })
  await second.shutdown(inMs(30_000))
  assert.deepEqual(backend.names, names(0, 3_000))
  await backend.stop()
})

test('what nobody came for in a week is removed, said and counted', async () => {
  const dir = temporaryFolder()
  const port = await closedPort()
  const leave = async (exporter: string, daysAgo: number) => {
    const before = new Set(filesIn(dir))
    const pipeline = pipelineTo(port, dir, { exporter })
    fill(pipeline, 0, 10)
    await pipeline.shutdown(inMs(20))
    const name = filesIn(dir).find((one) => !before.has(one))!
    const at = new Date(Date.now() - daysAgo * 86_400_000)
    utimesSync(join(folderOf(dir), name), at, at)
    return name
  }
  const [young, old] = [await leave('young', 6), await leave('old', 8)]
  const lostBefore = faultCounts().get('spool_expired') ?? 0
  const lines = await linesSaid(async () => {
    const looking = pipelineTo(port, dir, { exporter: 'another' })
    await looking.shutdown(inMs(1_000))
  })
  assert.deepEqual(filesIn(dir), [young], `${old} is gone`)
  assert.equal(faultCounts().get('spool_expired'), lostBefore + 10)
  assert.match(lines.join('\n'), /10 items of the spool are lost/)
})

describe('files that are not whole', () => {
  const spoolOf = async (port: number, items: number) => {
    const dir = temporaryFolder()
    const pipeline = pipelineTo(port, dir)
    fill(pipeline, 0, items)
    await pipeline.shutdown(inMs(20))
    assert.equal(pipeline.account().spooled, items)
    const files = filesIn(dir)
    assert.equal(files.length, 1)
    return { dir, file: join(folderOf(dir), files[0]!) }
  }
  const recover = async (dir: string, port: number) => {
    const backend = await Backend.start(undefined, port)
    const pipeline = pipelineTo(port, dir)
    await pipeline.shutdown(inMs(5_000))
    assertBalanced(pipeline.account())
    await backend.stop()
    return { account: pipeline.account(), names: backend.names }
  }

  test('a torn tail is counted, what is before it is delivered', async () => {
    const port = await closedPort()
    const { dir, file } = await spoolOf(port, 30)
    truncateSync(file, statSync(file).size - 7)
    const { account, names: delivered } = await recover(dir, port)
    assert.deepEqual([account.recovered, account.delivered, account.spoolTorn], [20, 20, 1])
    assert.deepEqual(new Set(delivered), new Set(names(0, 20)))
    assert.deepEqual(filesIn(dir), [])
  })

  test('a tail of zeros, as a machine leaves it that lost power', async () => {
    const port = await closedPort()
    const { dir, file } = await spoolOf(port, 20)
    writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.alloc(5_000)]))
    const { account } = await recover(dir, port)
    assert.deepEqual([account.recovered, account.delivered, account.spoolTorn], [20, 20, 1])
  })

  test('changed bytes of a batch lose exactly its items', async () => {
    const port = await closedPort()
    const { dir, file } = await spoolOf(port, 30)
    const bytes = readFileSync(file)
    const at = bytes.indexOf('s15')
    bytes.write('xxx', at)
    writeFileSync(file, bytes)
    const { account, names: delivered } = await recover(dir, port)
    assert.deepEqual(account.dropped, { spool_corrupt: 10 })
    assert.deepEqual([account.recovered, account.delivered, account.spoolTorn], [30, 20, 0])
    assert.deepEqual(new Set(delivered), new Set([...names(0, 10), ...names(20, 30)]))
  })

  test('a file that is none, empty or cut in its header', async () => {
    const port = await closedPort()
    for (const length of [0, 5, 27]) {
      const { dir, file } = await spoolOf(port, 10)
      truncateSync(file, length)
      const { account } = await recover(dir, port)
      assert.deepEqual([account.recovered, account.spoolTorn], [0, 1])
      assert.deepEqual(filesIn(dir), [])
    }
  })
})

describe('a disk that refuses', () => {
  test('over the bound what does not fit is dropped as spool_full, said once', async () => {
    const port = await closedPort()
    const dir = temporaryFolder()
    const lines = await linesSaid(async () => {
      const pipeline = pipelineTo(port, dir, { maxBytes: 6_000 })
      fill(pipeline, 0, 1_000)
      await pipeline.shutdown(inMs(100))
      const { ended, spooled, dropped, pending } = pipeline.account()
      assertBalanced(pipeline.account())
      assert.ok(spooled > 0 && spooled < ended, String(spooled))
      assert.deepEqual([dropped, pending], [{ spool_full: ended - spooled }, 0])
      const bytes = readdirSync(folderOf(dir)).map((name) => statSync(join(folderOf(dir), name)).size)
      assert.ok(bytes.reduce((sum, size) => sum + size, 0) <= 6_000)
    })
    assert.equal(lines.filter((line) => line.includes('the spool takes no more')).length, 1, lines.join('\n'))
  })

  test('a disk that is full: what it took is delivered by the next start, the rest is dropped as spool_full', async (t) => {
    const dir = temporaryFolder()
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', dir], { stdio: 'ignore' })
    } catch {
      return t.skip('no small disk can be mounted here')
    }
    try {
      const port = await closedPort()
      const first = pipelineTo(port, dir, { limits: { maxBatchItems: 100 } })
      fill(first, 0, 20_000)
      await first.shutdown(inMs(100))
      const { spooled, dropped, pending } = first.account()
      assert.ok(spooled > 0 && spooled < 20_000, String(spooled))
      assert.deepEqual([dropped, pending], [{ spool_full: 20_000 - spooled }, 0])
      const backend = await Backend.start(undefined, port)
      const second = pipelineTo(port, dir)
      await second.shutdown(inMs(10_000))
      assert.deepEqual([second.account().recovered, second.account().delivered], [spooled, spooled])
      assert.equal(new Set(backend.names).size, spooled)
      await backend.stop()
    } finally {
      execFileSync('umount', [dir])
    }
  })

  test('a folder that cannot be made is a drop as spool_error, never an exception', async () => {
    const dir = temporaryFolder()
    const file = join(dir, 'a file')
    writeFileSync(file, '')
    const pipeline = pipelineTo(await closedPort(), file)
    fill(pipeline, 0, 20)
    await pipeline.shutdown(inMs(100))
    assertBalanced(pipeline.account())
    assert.deepEqual(pipeline.account().dropped, { spool_error: 20 })
  })

  test('when memory is full too, the oldest goes, with the reason of the disk', async () => {
    const dir = temporaryFolder()
    const file = join(dir, 'a file')
    writeFileSync(file, '')
    const pipeline = pipelineTo(await closedPort(), file, { limits: { maxQueueBytes: 2_000 } })
    await until(() => {
      fill(pipeline, 0, 10)
      return (pipeline.account().dropped['spool_error'] ?? 0) > 0
    }, pipeline)
    await pipeline.shutdown(inMs(0))
    const { ended, dropped } = pipeline.account()
    assert.equal(
      Object.values(dropped).reduce((sum, items) => sum + items, 0),
      ended,
    )
  })

  test('a folder of somebody else is not used', {
    skip: process.getuid?.() !== 0 && 'needs root',
  }, async () => {
    const { chownSync } = await import('node:fs')
    const dir = temporaryFolder()
    const folder = join(dir, `hashira-${process.getuid!()}`)
    mkdirSync(folder)
    chownSync(folder, 12345, 12345)
    const pipeline = pipelineTo(await closedPort(), dir)
    fill(pipeline, 0, 10)
    await pipeline.shutdown(inMs(50))
    assert.deepEqual(pipeline.account().dropped, { spool_error: 10 })
    assert.deepEqual(readdirSync(folder), [])
  })
})

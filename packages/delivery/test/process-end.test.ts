import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { ExporterAccount } from '@hashira/delivery'
import { Backend, closedPort } from './support/backend'
import { assertBalanced, until } from './support/checks'
import { decode } from './support/encoder'
import { streamServer, temporaryFolder, udpServer } from './support/sockets'

interface Ended {
  readonly code: number | null
  readonly stderr: string
  readonly aliveMs: number
  readonly told: { sent: number; lost: number; tookMs: number; flushed: boolean; account: ExporterAccount }
}

const app = join(__dirname, 'fixtures', 'exiting-app.cjs')

interface Settings {
  /** Generous where delivery is expected: the machine may be busy. */
  readonly budgetMs?: number
  readonly env?: Record<string, string>
}

async function run(way: string, url: string, count: number, settings: Settings = {}): Promise<Ended> {
  const { budgetMs = 5_000, env } = settings
  const startMs = performance.now()
  const child = spawn(process.execPath, [app, way, url, String(count), String(budgetMs)], {
    env: { ...process.env, NODE_OPTIONS: '', ...env },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  const line = stdout.trim().split('\n').at(-1) ?? ''
  assert.ok(line.startsWith('{'), `no report: ${stdout}${stderr}`)
  const told = JSON.parse(line) as Ended['told']
  assertBalanced(told.account)
  return { code, stderr, aliveMs: performance.now() - startMs, told }
}

describe('delivery while the process exits', () => {
  for (const [way, code] of [
    ['exit', 0],
    ['throw', 1],
  ] as const)
    test(`${way}: what is pending is delivered by a worker`, async () => {
      const backend = await Backend.start()
      const { told, code: ended, stderr } = await run(way, backend.url, 250)
      assert.equal(ended, code)
      assert.equal(told.sent, 250, JSON.stringify(told))
      assert.equal(told.lost, 0)
      assert.equal(told.account.delivered, 250)
      assert.equal(told.account.pending, 0)
      assert.deepEqual(new Set(backend.names).size, 250)
      assert.equal(backend.requests[0]!.headers['x-key'], 'k')
      assert.equal(stderr.includes('on purpose'), way === 'throw')
      await backend.stop()
    })

  test('over UDP, TCP and a unix socket as well', async () => {
    const udp = await udpServer()
    const byUdp = await run('exit', `udp://127.0.0.1:${udp.port}`, 250)
    await until(() => udp.received.length === 3)
    assert.equal(new Set(udp.received.flatMap(decode)).size, 250)
    const tcp = await streamServer()
    const byTcp = await run('exit', `tcp://127.0.0.1:${tcp.port}`, 250)
    const path = join(temporaryFolder(), 'agent.sock')
    const unix = await streamServer(path)
    const byPath = await run('exit', `unix://${path}`, 250)
    for (const server of [tcp, unix]) {
      await until(() => decode(Buffer.concat(server.received)).length === 250)
      server.close()
    }
    for (const { told } of [byUdp, byTcp, byPath]) {
      assert.deepEqual([told.sent, told.lost], [250, 0])
      assert.equal(told.account.delivered, 250)
    }
    udp.close()
    const refused = await run('exit', `udp://127.0.0.1:${udp.port}`, 250)
    assert.deepEqual(refused.told.account.dropped, { exit: 250 })
    const gone = await run('exit', `unix://${path}`, 250)
    assert.deepEqual(gone.told.account.dropped, { exit: 250 })
  })

  test('over HTTP on a unix socket as well', async () => {
    const path = join(temporaryFolder(), 'http.sock')
    const bodies: Buffer[] = []
    const server = http.createServer(async (request, response) => {
      for await (const chunk of request) bodies.push(chunk as Buffer)
      response.end()
    })
    await once(server.listen(path), 'listening')
    const { told } = await run('exit', `http+unix://${path}`, 50)
    assert.deepEqual([told.sent, told.lost], [50, 0])
    assert.equal(decode(Buffer.concat(bodies)).length, 50)
    server.close()
    server.closeAllConnections()
  })

  test('a backend that hangs costs the budget and no more', async () => {
    const backend = await Backend.start(() => {})
    const { told, code } = await run('exit', backend.url, 250, { budgetMs: 500 })
    assert.equal(code, 0)
    assert.deepEqual([told.sent, told.lost], [0, 250])
    assert.deepEqual(told.account.dropped, { timeout_after_send: 250 })
    assert.ok(told.tookMs >= 490 && told.tookMs < 2_000, String(told.tookMs))
    await backend.stop()
  })

  test('a backend that is down, or refuses, is known at once', async () => {
    const down = await run('exit', `http://127.0.0.1:${await closedPort()}/`, 10)
    assert.deepEqual([down.told.sent, down.told.lost], [0, 10])
    assert.ok(down.told.tookMs < 4_500, String(down.told.tookMs))
    const backend = await Backend.start((response) => response.writeHead(503).end())
    const refused = await run('exit', backend.url, 10)
    assert.deepEqual(refused.told.account.dropped, { exit: 10 })
    await backend.stop()
  })

  test('what is under way is sent again, and what waits with it', async () => {
    let nth = 0
    const backend = await Backend.start((response) => {
      // The four that the app itself began are never answered.
      if (++nth > 4) response.end()
    })
    const { told } = await run('under-way', backend.url, 600)
    assert.deepEqual([told.sent, told.lost], [600, 0])
    assert.equal(new Set(backend.names).size, 600)
    await backend.stop()
  })

  test('preloads of the app do not run in the worker', async () => {
    const backend = await Backend.start()
    const preload = join(tmpdir(), `hashira-preload-${process.pid}.cjs`)
    writeFileSync(
      preload,
      `process.stderr.write('preload ' + require('node:worker_threads').isMainThread + '\\n')`,
    )
    const { told, stderr } = await run('exit', backend.url, 1, {
      env: { NODE_OPTIONS: `--require ${preload}` },
    })
    assert.equal(told.sent, 1)
    rmSync(preload)
    assert.equal(stderr, 'preload true\n')
    await backend.stop()
  })
})

describe('the natural end', () => {
  test('a flush at beforeExit delivers, and the process ends', async () => {
    const backend = await Backend.start()
    const { told, aliveMs } = await run('flush', backend.url, 250)
    assert.equal(told.flushed, true)
    assert.equal(told.account.delivered, 250)
    assert.ok(aliveMs < 4_500, String(aliveMs))
    await backend.stop()
  })

  test('with a backend that hangs it ends at the deadline of the flush', async () => {
    const backend = await Backend.start(() => {})
    const { told, aliveMs } = await run('flush', backend.url, 250)
    assert.equal(told.flushed, false)
    assert.ok(aliveMs < 8_000, String(aliveMs))
    await backend.stop()
  })

  // Otherwise they would hold it for 10 s (the request) or 5 s (the timer, the backend's own keep-alive).
  test('neither a request under way nor a timer nor a kept socket keeps the process alive', async () => {
    const hanging = await Backend.start(() => {})
    const underWay = await run('idle', hanging.url, 3)
    assert.equal(underWay.told.account.pending, 3)
    assert.ok(underWay.aliveMs < 4_500, String(underWay.aliveMs))
    await hanging.stop()
    const backend = await Backend.start()
    const kept = await run('kept', backend.url, 3)
    assert.equal(kept.told.flushed, true)
    assert.ok(kept.aliveMs < 4_500, String(kept.aliveMs))
    await backend.stop()
  })
})

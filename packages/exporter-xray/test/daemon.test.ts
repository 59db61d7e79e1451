import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { after, before, describe, it } from 'node:test'
import { resolveOptions } from '@hashira/core'
import { createPipeline } from '@hashira/delivery'
import { xray } from '@hashira/exporter-xray'
import { waitFor } from '@hashira/testing'
import { SpanKind } from '@opentelemetry/api'
import { daemonAddressOption, parseDaemonAddress } from '../dist/daemon-address'
import { record } from './support'

describe('AWS_XRAY_DAEMON_ADDRESS', () => {
  const at = (host: string, port: number) => ({ host, port })
  const cases: readonly [string, object | undefined][] = [
    ['127.0.0.1:3000', { udp: at('127.0.0.1', 3000), tcp: at('127.0.0.1', 3000) }],
    ['udp:a:1 tcp:b:2', { udp: at('a', 1), tcp: at('b', 2) }],
    ['tcp:b:2   udp:a:1', { udp: at('a', 1), tcp: at('b', 2) }],
    ['TCP:b:2 UDP:a:1', { udp: at('a', 1), tcp: at('b', 2) }],
    ['[::1]:2000', { udp: at('::1', 2000), tcp: at('::1', 2000) }],
    ['udp:a:1', undefined],
    ['udp:a:1 udp:b:2', undefined],
    ['a', undefined],
    ['a:0', undefined],
    ['a:65536', undefined],
    ['a:1 b:2 c:3', undefined],
    ['http://a:1', undefined],
  ]
  for (const [text, expected] of cases) it(text, () => assert.deepEqual(parseDaemonAddress(text), expected))

  it('from code and from the environment', () => {
    const table = { daemonAddress: daemonAddressOption() }
    const env = { AWS_XRAY_DAEMON_ADDRESS: 'a:1' }
    assert.equal(resolveOptions('xray()', table, {}, env).values.daemonAddress.udp.host, 'a')
    assert.equal(
      resolveOptions('xray()', table, { daemonAddress: 'b:2' }, env).values.daemonAddress.udp.port,
      2,
    )
    assert.equal(resolveOptions('xray()', table, {}, {}).values.daemonAddress.tcp.port, 2000)
    assert.throws(() => xray({ daemonAddress: 'udp:a:1' }), { code: 'HASHIRA_OPTION_INVALID' })
  })
})

describe('to the daemon', () => {
  let daemon: Socket
  const received: string[] = []
  before(async () => {
    daemon = createSocket('udp4', (message) => received.push(message.toString()))
    daemon.bind(0, '127.0.0.1')
    await once(daemon, 'listening')
  })
  after(() => daemon.close())

  const pipelineTo = (daemonAddress: string) => {
    const { transport, limits, createEncoder } = xray({ daemonAddress }).traces!
    const encoder = createEncoder({ attributes: record().attributes })
    return createPipeline({ exporter: 'xray', signal: 'traces', encoder, transport, limits })
  }

  it('sends each document in a datagram of its own, and counts spans', async () => {
    const pipeline = pipelineTo(`127.0.0.1:${daemon.address().port}`)
    pipeline.append(record())
    pipeline.append(record({ kind: SpanKind.CLIENT }))
    await pipeline.shutdown(Date.now() + 30_000)
    await waitFor(() => received.length >= 3, { timeoutMs: 30_000 })
    assert.equal(received.length, 3)
    for (const text of received) assert.match(text, /^\{"format":"json","version":1\}\n\{"name":/)
    const { ended, delivered, pending, destination } = pipeline.account()
    assert.deepEqual({ ended, delivered, pending }, { ended: 2, delivered: 2, pending: 0 })
    assert.equal(destination, `udp://127.0.0.1:${daemon.address().port}`)
  })

  it('sends no more than 32 spans each 10 ms, which the daemon keeps up with', async () => {
    received.length = 0
    const pipeline = pipelineTo(`127.0.0.1:${daemon.address().port}`)
    const startMs = performance.now()
    for (let i = 0; i < 320; i++) pipeline.append(record())
    await pipeline.shutdown(Date.now() + 30_000)
    assert.ok(performance.now() - startMs >= 9 * 10)
    assert.equal(pipeline.account().delivered, 320)
    await waitFor(() => received.length === 320, { timeoutMs: 30_000 })
  })

  it('a pause ends with the deadline', async () => {
    const pipeline = pipelineTo(`127.0.0.1:${daemon.address().port}`)
    for (let i = 0; i < 32_000; i++) pipeline.append(record())
    await pipeline.shutdown(Date.now() + 100)
    const { ended, delivered, dropped, pending } = pipeline.account()
    assert.equal(pending, 0)
    assert.equal(delivered + Object.values(dropped).reduce((sum, count) => sum + count, 0), ended)
    assert.ok(dropped['shutdown_timeout']! > 0)
  })

  it('keeps spans while no daemon is there', async () => {
    const free = createSocket('udp4')
    free.bind(0, '127.0.0.1')
    await once(free, 'listening')
    const { port } = free.address()
    await new Promise<void>((resolve) => free.close(resolve))
    const pipeline = pipelineTo(`127.0.0.1:${port}`)
    pipeline.append(record())
    await pipeline.flush(Date.now() + 1_000)
    assert.equal(pipeline.account().pending, 1)
    assert.match(String(pipeline.account().lastError), /^connection/)
    await pipeline.shutdown(Date.now())
    const { ended, dropped, delivered } = pipeline.account()
    assert.equal(ended, delivered + Object.values(dropped).reduce((sum, count) => sum + count, 0))
  })

  it('wants trace ids that begin with the time', () => {
    assert.equal(xray().traces!.timedTraceIds, true)
  })
})

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { SendResult } from '@hashira/core'
import { createPipeline, type StreamAddress, StreamTransport } from '@hashira/delivery'
import { closedPort } from './support/backend'
import { assertBalanced, inMs, quickRetry, until } from './support/checks'
import { decode, record, TestEncoder } from './support/encoder'
import { kept, streamServer, temporaryFolder } from './support/sockets'

const never = new AbortController().signal
const tcp = (port: number): StreamAddress => ({ host: '127.0.0.1', port })
const send = (transport: StreamTransport, text: string, abort = never): Promise<SendResult> =>
  kept(() => transport.send({ bytes: Buffer.from(text), itemCount: 1 }, abort))
const reasonOf = (result: SendResult) => [result.outcome, (result as { reason?: string }).reason]

describe('StreamTransport', () => {
  test('writes over one TCP connection, in order', async () => {
    let connections = 0
    const server = await streamServer(0, () => connections++)
    const transport = new StreamTransport(tcp(server.port))
    assert.equal(transport.destination, `tcp://127.0.0.1:${server.port}`)
    const results = await Promise.all(['a', 'b', 'c'].map((text) => send(transport, text)))
    assert.deepEqual(results, Array(3).fill({ outcome: 'delivered' }))
    await until(() => server.text() === 'abc')
    assert.equal(connections, 1)
    transport.close()
    server.close()
  })

  test('a unix socket, with a frame', async () => {
    const path = join(temporaryFolder(), 'agent.sock')
    const missing = new StreamTransport({ path })
    assert.deepEqual(reasonOf(await send(missing, 'a')), ['retry', 'connection'])
    const server = await streamServer(path)
    const frame = (bytes: Uint8Array) => Buffer.concat([Buffer.of(bytes.length), bytes])
    const transport = new StreamTransport({ path }, { frame })
    assert.equal(transport.destination, `unix://${path}`)
    await send(transport, 'abc')
    await until(() => server.text() === '\x03abc')
    transport.close()
    server.close()
  })

  test('connects again after the other end went away', async () => {
    const server = await streamServer()
    const transport = new StreamTransport(tcp(server.port))
    await send(transport, 'a')
    await until(() => server.text() === 'a')
    server.close()
    await until(() => server.sockets.size > 0 && [...server.sockets].every((socket) => socket.destroyed))
    const again = await streamServer(server.port)
    let last: SendResult
    do last = await send(transport, 'b')
    while (last.outcome !== 'delivered')
    await until(() => again.text() === 'b')
    transport.close()
    again.close()
  })

  test('nobody listens; a name that does not exist', async () => {
    assert.deepEqual(reasonOf(await send(new StreamTransport(tcp(await closedPort())), 'a')), [
      'retry',
      'connection',
    ])
    const unknown = new StreamTransport({ host: 'nowhere.invalid', port: 25888 })
    assert.deepEqual(reasonOf(await send(unknown, 'a')), ['retry', 'dns'])
  })

  test('a receiver that does not read: a timeout, and a new connection for the next batch', async () => {
    const server = await streamServer(0, (socket) => socket.pause())
    const transport = new StreamTransport(tcp(server.port), { timeoutMs: 300 })
    // More than the buffers of both kernels hold.
    assert.deepEqual(reasonOf(await send(transport, 'x'.repeat(32 * 1024 * 1024))), ['retry', 'timeout'])
    assert.deepEqual(reasonOf(await send(transport, 'small')), ['delivered', undefined])
    await until(() => server.sockets.size === 2)
    transport.close()
    server.close()
  })

  test('a receiver that resets is tried again', async () => {
    const server = await streamServer(0, (socket) => socket.resetAndDestroy())
    const transport = new StreamTransport(tcp(server.port))
    let last: SendResult
    do last = await send(transport, 'x'.repeat(100_000))
    while (last.outcome === 'delivered')
    assert.equal(last.outcome, 'retry')
    assert.match(reasonOf(last)[1]!, /^connection/)
    server.close()
  })

  test('in a pipeline: everything arrives once a receiver is there, the account is exact', async () => {
    const path = join(temporaryFolder(), 'agent.sock')
    const pipeline = createPipeline({
      exporter: 'stream',
      signal: 'logs',
      encoder: new TestEncoder(),
      transport: new StreamTransport({ path }),
      limits: { intervalMs: 1 },
      retry: quickRetry,
    })
    for (const name of ['a', 'b', 'c']) pipeline.append(record(name))
    await until(() => pipeline.account().retries >= 2, pipeline)
    const server = await streamServer(path)
    await pipeline.shutdown(inMs(10_000))
    assertBalanced(pipeline.account())
    assert.equal(pipeline.account().delivered, 3)
    await until(() => server.received.length > 0)
    assert.deepEqual(decode(Buffer.concat(server.received)), ['a', 'b', 'c'])
    server.close()
  })

  test('stops when it is asked to, and a frame that throws is a drop', async () => {
    const server = await streamServer()
    const aborted = await send(new StreamTransport(tcp(server.port)), 'a', AbortSignal.abort())
    assert.deepEqual(reasonOf(aborted), ['retry', 'timeout'])
    const frame = () => {
      throw new Error('cannot frame')
    }
    assert.deepEqual(reasonOf(await send(new StreamTransport(tcp(server.port), { frame }), 'a')), [
      'drop',
      'request_invalid',
    ])
    server.close()
  })
})

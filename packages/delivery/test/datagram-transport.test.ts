import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { SendResult } from '@hashira/core'
import { createPipeline, DatagramTransport, type DatagramTransportOptions } from '@hashira/delivery'
import { assertBalanced, inMs, quickRetry, until } from './support/checks'
import { record, TestEncoder } from './support/encoder'
import { closedUdpPort, kept, udpServer } from './support/sockets'

const never = new AbortController().signal
const bytes = (text: string) => Buffer.from(text)
/** One datagram per line. */
const lines: DatagramTransportOptions['split'] = (batch) =>
  Buffer.from(batch).toString().split('\n').map(bytes)

function transportTo(port: number, options: Partial<DatagramTransportOptions> = {}): DatagramTransport {
  return new DatagramTransport({ host: '127.0.0.1', port, split: lines, ...options })
}

async function send(
  transport: DatagramTransport,
  text: string,
  itemCount = text.split('\n').length,
  abort = never,
): Promise<SendResult> {
  return kept(() => transport.send({ bytes: bytes(text), itemCount }, abort))
}

describe('DatagramTransport', () => {
  test('cuts a batch as the exporter says; what comes is what was sent', async () => {
    const server = await udpServer()
    const transport = transportTo(server.port)
    assert.equal(transport.destination, `udp://127.0.0.1:${server.port}`)
    assert.deepEqual(await send(transport, 'a\nbb\nccc'), { outcome: 'delivered' })
    await until(() => server.received.length === 3)
    assert.deepEqual(server.received.map(String), ['a', 'bb', 'ccc'])
    transport.close()
    server.close()
  })

  test('hundreds of datagrams are sent in turns, and all arrive', async () => {
    const server = await udpServer()
    const transport = transportTo(server.port)
    const text = Array.from({ length: 1_000 }, (_, i) => `${i} ${'x'.repeat(500)}`).join('\n')
    let turns = 0
    const count = setInterval(() => turns++, 0)
    assert.deepEqual(await send(transport, text), { outcome: 'delivered' })
    clearInterval(count)
    await until(() => server.received.length === 1_000)
    assert.ok(turns >= 3, `${turns} turns for others`)
    transport.close()
    server.close()
  })

  test('a port on which nobody listens is tried again; a listener that comes gets everything', async () => {
    const port = await closedUdpPort()
    const transport = transportTo(port)
    const refused = await send(transport, 'a\nb')
    assert.equal(refused.outcome, 'retry')
    assert.equal((refused as { reason: string }).reason, 'connection')
    assert.match((refused as { message: string }).message, /ECONNREFUSED/)
    const server = await udpServer(port)
    assert.deepEqual(await send(transport, 'a\nb'), { outcome: 'delivered' })
    await until(() => server.received.length === 2)
    transport.close()
    server.close()
  })

  test('in a pipeline: refused, kept, delivered once somebody listens; the account is exact', async () => {
    const port = await closedUdpPort()
    const transport = transportTo(port, { split: (batch) => [{ bytes: batch, itemCount: 2 }] })
    const pipeline = createPipeline({
      exporter: 'udp',
      signal: 'traces',
      encoder: new TestEncoder(),
      transport,
      limits: { intervalMs: 1 },
      retry: quickRetry,
    })
    pipeline.append(record('a'))
    pipeline.append(record('b'))
    await until(() => pipeline.account().retries >= 2, pipeline)
    assert.equal(pipeline.account().state, 'failing')
    const server = await udpServer(port)
    await pipeline.shutdown(inMs(10_000))
    assertBalanced(pipeline.account())
    assert.equal(pipeline.account().delivered, 2)
    await until(() => server.received.length > 0)
    server.close()
  })

  test('what is larger than a datagram is dropped alone, and counted', async () => {
    const server = await udpServer()
    const transport = transportTo(server.port)
    const huge = 'x'.repeat(70_000)
    const result = await send(transport, `a\n${huge}\nb`)
    assert.equal(result.outcome, 'delivered')
    assert.equal((result as { rejected: { itemCount: number } }).rejected.itemCount, 1)
    await until(() => server.received.length === 2)
    assert.deepEqual(server.received.map(String), ['a', 'b'])
    const alone = await send(transport, huge)
    assert.deepEqual([alone.outcome, (alone as { reason: string }).reason], ['drop', 'too_large'])
    assert.match((alone as { message: string }).message, /^70000 bytes/)
    transport.close()
    server.close()
  })

  test('how many items a datagram holds is what the exporter says', async () => {
    const server = await udpServer()
    const split = () => [
      { bytes: bytes('small'), itemCount: 3 },
      { bytes: Buffer.alloc(70_000), itemCount: 5 },
    ]
    const transport = transportTo(server.port, { split })
    const result = await send(transport, '', 8)
    assert.equal((result as { rejected: { itemCount: number } }).rejected.itemCount, 5)
    transport.close()
    server.close()
  })

  test('a name that does not exist', async () => {
    const transport = new DatagramTransport({ host: 'nowhere.invalid', port: 8125, split: lines })
    const result = await send(transport, 'a')
    assert.deepEqual([result.outcome, (result as { reason: string }).reason], ['retry', 'dns'])
  })

  test('a split that throws, or returns nonsense, is a drop', async () => {
    const throwing = transportTo(1, {
      split: () => {
        throw new Error('cannot cut')
      },
    })
    assert.deepEqual(await send(throwing, 'a'), {
      outcome: 'drop',
      reason: 'request_invalid',
      message: 'cannot cut',
    })
    const nonsense = transportTo(1, { split: () => ['text' as never] })
    assert.equal((await send(nonsense, 'a')).outcome, 'drop')
  })

  test('stops when it is asked to', async () => {
    const result = await send(transportTo(1), 'a', 1, AbortSignal.abort())
    assert.deepEqual([result.outcome, (result as { reason: string }).reason], ['retry', 'timeout'])
  })
})

import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import type { MetricSnapshot } from '@hashira/core'
import { createMetricPipeline } from '@hashira/delivery'
import type { CloudWatchOptions } from '@hashira/exporter-cloudwatch'
import { waitFor } from '@hashira/testing'
import { readEmf } from './emf-rules'
import { at, counter, family, pushOf, resource, snapshotOf } from './support'

const many = (count: number) =>
  snapshotOf(
    family({
      name: 'g',
      type: 'gauge',
      points: Array.from({ length: count }, (_, i) => ({
        ...at(['i', i, 'text', 'x'.repeat(500)]),
        value: i,
      })),
    }),
  )

async function send(snapshot: MetricSnapshot, options: CloudWatchOptions) {
  const push = pushOf({ via: 'agent', ...options })
  const pipeline = createMetricPipeline({
    exporter: 'cloudwatch',
    push,
    resource,
    collect: async () => snapshot,
  })
  await pipeline.shutdown(Date.now() + 20_000)
  return pipeline.account()
}

/** What the agent does: a document ends with a line feed, wherever the segments of TCP end. */
class LineParser {
  readonly documents: string[] = []
  #rest = Buffer.alloc(0)

  write(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk])
    for (let end = this.#rest.indexOf(10); end >= 0; end = this.#rest.indexOf(10)) {
      this.documents.push(this.#rest.subarray(0, end).toString())
      this.#rest = this.#rest.subarray(end + 1)
    }
  }

  get rest(): number {
    return this.#rest.byteLength
  }
}

describe('the CloudWatch agent', () => {
  it('TCP: every document ends with a line feed', async () => {
    const parser = new LineParser()
    const server = createServer((socket: Socket) => socket.on('data', (chunk) => parser.write(chunk)).unref())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    try {
      const account = await send(many(3_000), { agentEndpoint: `tcp://127.0.0.1:${port}` })
      assert.deepEqual([account.delivered, account.pending, account.dropped], [3_000, 0, {}])
      await waitFor(() => parser.documents.length >= 3_000, { timeoutMs: 20_000 })
      assert.equal(parser.rest, 0)
      const values = parser.documents
        .flatMap((document) => readEmf(document))
        .map(({ values: [pair] }) => pair![0])
      assert.deepEqual(values, [...Array(3_000).keys()])
      assert.equal(JSON.parse(parser.documents[0]!)._aws.LogGroupName, 'shop-metrics')
    } finally {
      server.close()
    }
  })

  it('UDP: a document is a datagram, and none is lost in a burst', async () => {
    const datagrams: Buffer[] = []
    const socket = createSocket('udp4')
      .on('message', (message) => datagrams.push(message))
      .unref()
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    try {
      const options = { agentEndpoint: `udp://127.0.0.1:${socket.address().port}`, logStreamName: 'one' }
      const account = await send(many(2_000), options)
      assert.deepEqual([account.delivered, account.pending, account.dropped], [2_000, 0, {}])
      await waitFor(() => datagrams.length === 2_000, { timeoutMs: 20_000 })
      for (const datagram of datagrams) {
        assert.equal(datagram.indexOf(10), datagram.byteLength - 1, 'one line feed, at the end')
        readEmf(datagram.toString().slice(0, -1), 65_506)
      }
      assert.equal(JSON.parse(datagrams[0]!.toString())._aws.LogStreamName, 'one')
    } finally {
      socket.close()
    }
  })

  it('that nobody listens is seen over UDP too, and counted', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const { port } = socket.address()
    await new Promise<void>((resolve) => socket.close(() => resolve()))
    const push = pushOf({ via: 'agent', agentEndpoint: `udp://127.0.0.1:${port}` })
    const snapshot = snapshotOf(counter('n', 1))
    const collect = async () => snapshot
    const pipeline = createMetricPipeline({
      exporter: 'cloudwatch',
      push,
      resource,
      collect,
      retry: { initialMs: 5 },
    })
    assert.equal(await pipeline.flush(Date.now() + 200), false)
    const { pending, state, lastError } = pipeline.account()
    assert.deepEqual([pending, state], [1, 'failing'])
    assert.match(String(lastError), /connection/)
    await pipeline.shutdown(Date.now() + 1)
    assert.deepEqual(Object.values(pipeline.account().dropped), [1])
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { faultCounts, type SendResult, type Transport } from '@hashira/core'
import { createPipeline, type Pipeline } from '@hashira/delivery'
import { inMs } from './support/checks'
import { record, TestEncoder } from './support/encoder'

const delivered: SendResult = { outcome: 'delivered' }

function pipelineThatCloses(close: NonNullable<Transport['close']>): Pipeline {
  const transport: Transport = { destination: 'test', send: async () => delivered, close }
  return createPipeline({ exporter: 'test', signal: 'traces', encoder: new TestEncoder(), transport })
}

const closeFaults = () => faultCounts().get('transport_close') ?? 0

describe('the last word of a transport', () => {
  test('comes after everything is delivered, and shutdown waits for it', async () => {
    const said: string[] = []
    const pipeline = pipelineThatCloses(async () => {
      said.push(`closing with ${pipeline.account().delivered} delivered`)
      await delay(20)
      said.push('closed')
    })
    pipeline.append(record('a'))
    await pipeline.shutdown(inMs(30_000))
    assert.deepEqual(said, ['closing with 1 delivered', 'closed'])
  })

  test('is not waited for after the deadline', async () => {
    const pipeline = pipelineThatCloses(() => new Promise<void>(() => {}))
    const since = performance.now()
    await pipeline.shutdown(inMs(50))
    assert.ok(performance.now() - since < 10_000)
  })

  for (const [how, close] of [
    ['throws', () => assert.fail('no')],
    ['rejects', () => Promise.reject(new Error('no'))],
  ] as const)
    test(`that ${how} is counted, not felt`, async () => {
      const before = closeFaults()
      await pipelineThatCloses(close).shutdown(inMs(30_000))
      assert.equal(closeFaults(), before + 1)
    })
})

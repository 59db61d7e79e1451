import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Batch, SendResult, Transport } from '@hashira/core'
import { createPipeline, type SpoolOptions } from '@hashira/delivery'
import fc from 'fast-check'
import { assertBalanced, droppedItems, inMs, linesSaid } from './support/checks'
import { decode, record, TestEncoder } from './support/encoder'
import { temporaryFolder } from './support/sockets'

/** Answers only when told to, with what it is told. */
class ScriptedTransport implements Transport {
  readonly destination = 'test:'
  readonly underWay: { batch: Batch; answer: (result: unknown) => void; fail: (error: Error) => void }[] = []
  acknowledged = 0

  send(batch: Batch): Promise<SendResult> {
    return new Promise((resolve, reject) => {
      this.underWay.push({ batch, answer: resolve as (result: unknown) => void, fail: reject })
    })
  }
}

type Step =
  | { do: 'append'; count: number; size: number }
  | { do: 'bad' }
  | { do: 'refuse' }
  | { do: 'flush' }
  | { do: 'turn' }
  | { do: 'wait' }
  | Answer

interface Answer {
  do: 'answer'
  which: number
  with: 'delivered' | 'rejected' | 'retry' | 'later' | 'drop' | 'reject' | 'nonsense'
}

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      count: fc.integer({ min: 1, max: 12 }),
      size: fc.integer({ min: 1, max: 80 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'bad' as const,
        'refuse' as const,
        'flush' as const,
        'turn' as const,
        'wait' as const,
      ),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      which: fc.nat(7),
      with: fc.constantFrom('delivered', 'rejected', 'retry', 'later', 'drop', 'reject', 'nonsense'),
    }),
  },
)

const limitsOf = fc.record({
  maxBatchItems: fc.integer({ min: 1, max: 8 }),
  maxBatchBytes: fc.integer({ min: 20, max: 400 }),
  intervalMs: fc.integer({ min: 0, max: 5 }),
  maxQueueBytes: fc.integer({ min: 200, max: 1_500 }),
  maxQueueItems: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 1, max: 30 })),
  maxInFlight: fc.integer({ min: 1, max: 4 }),
})

type Limits = typeof limitsOf extends fc.Arbitrary<infer L> ? L : never

const turn = () => new Promise((resolve) => setImmediate(resolve))

function answer(transport: ScriptedTransport, { which, with: how }: Answer): void {
  const [call] = transport.underWay.splice(which % Math.max(transport.underWay.length, 1), 1)
  if (call === undefined) return
  const names = decode(call.batch.bytes)
  if (how === 'delivered' || how === 'rejected')
    transport.acknowledged += names.length - (how === 'rejected' ? 1 : 0)
  if (how === 'delivered') call.answer({ outcome: 'delivered' })
  else if (how === 'rejected') call.answer({ outcome: 'delivered', rejected: { itemCount: 1, message: 'm' } })
  else if (how === 'retry') call.answer({ outcome: 'retry', reason: 'http_503' })
  else if (how === 'later') call.answer({ outcome: 'retry', reason: 'timeout_after_send', afterMs: 2 })
  else if (how === 'drop') call.answer({ outcome: 'drop', reason: 'http_400' })
  else if (how === 'reject') call.fail(new Error('broken'))
  else call.answer({ outcome: 17 })
}

/** Any story of one pipeline, with an account that adds up after each step. Returns how much its spool keeps in the end. */
async function play(limits: Limits, steps: readonly Step[], spool?: SpoolOptions): Promise<number> {
  const transport = new ScriptedTransport()
  const retry = { initialMs: 1, maxMs: 3 }
  const pipeline = createPipeline({
    exporter: 'model',
    signal: 'traces',
    encoder: new TestEncoder(),
    transport,
    limits,
    retry,
    spool,
  })
  let ended = 0
  const check = () => {
    const account = pipeline.account()
    assertBalanced(account)
    assert.equal(account.ended, ended)
    assert.ok(account.queueBytes <= limits.maxQueueBytes + 120, `${account.queueBytes} bytes`)
    if (spool === undefined) assert.ok(account.pending <= limits.maxQueueItems, `${account.pending} items`)
    assert.ok(transport.underWay.length <= limits.maxInFlight)
  }
  const append = (name: string) => {
    ended++
    pipeline.append(record(name))
    check()
  }
  for (const one of steps) {
    if (one.do === 'append') for (let i = 0; i < one.count; i++) append('x'.repeat(one.size))
    else if (one.do === 'bad') append('bad')
    else if (one.do === 'refuse') {
      ended++
      pipeline.refuse('hook')
    } else if (one.do === 'flush') void pipeline.flush(inMs(20))
    else if (one.do === 'turn') await turn()
    else if (one.do === 'wait') await new Promise((resolve) => setTimeout(resolve, 3))
    else answer(transport, one)
    check()
  }
  await turn()
  check()
  assert.equal(pipeline.account().delivered, transport.acknowledged)
  await pipeline.shutdown(inMs(1))
  check()
  assert.equal(pipeline.account().pending, 0)
  assert.equal(pipeline.account().queueBytes, 0)
  const last = pipeline.account()
  assert.equal(last.delivered + droppedItems(last) + last.spooled, ended)
  return last.spooled
}

const stories = (check: (limits: Limits, steps: Step[]) => Promise<void>) =>
  fc.asyncProperty(limitsOf, fc.array(step, { maxLength: 60 }), check)

// fast-check prints the seed and the smallest story when it fails.
test('ended = delivered + dropped + pending, within the bound, after every step of any story', async () => {
  const story = stories(async (limits, steps) => {
    assert.equal(await play(limits, steps), 0)
  })
  await linesSaid(() => fc.assert(story, { numRuns: 150 }))
})

test('the same with a spool, and the next start finds exactly what this one left', async () => {
  const folder = temporaryFolder()
  let count = 0
  let total = 0
  const story = stories(async (limits, steps) => {
    const spool = { dir: join(folder, String(++count)) }
    const spooled = await play(limits, steps, spool)
    total += spooled
    const next = createPipeline({
      exporter: 'model',
      signal: 'traces',
      encoder: new TestEncoder(),
      transport: { destination: 'test:', send: async () => ({ outcome: 'delivered' }) },
      spool,
    })
    assert.equal(await next.flush(inMs(10_000)), true)
    const { recovered, delivered } = next.account()
    assert.deepEqual({ recovered, delivered }, { recovered: spooled, delivered: spooled })
    await next.shutdown(inMs(1_000))
    assertBalanced(next.account())
  })
  await linesSaid(() => fc.assert(story, { numRuns: 60 }))
  assert.ok(total > 0)
})

import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { assertAllDelivered, type Bench, type BenchOptions, withBench } from './bench'

type Test = { readonly title: string; readonly run: () => Promise<void> }

const CALLERS = 25
const ROUNDS = 8

/** Many at once, and the end. */
export function loadTests(given: BenchOptions): Test[] {
  const test = (title: string, run: (bench: Bench) => Promise<void>): Test => ({
    title,
    run: () => withBench(given, run),
  })
  return [
    test('many callers at once, flushes among them', manyCallers),
    test('shutdown twice, and flush afterwards', shutdownTwice),
    given.signal === 'metrics'
      ? test('nothing to send', nothingToSend)
      : test('what comes after shutdown is counted', afterShutdown),
  ]
}

async function manyCallers(bench: Bench): Promise<void> {
  const caller = async () => {
    for (let round = 0; round < ROUNDS; round++) {
      bench.run.add(1)
      await nextTurn()
      bench.account()
    }
  }
  const flushes = async () => {
    for (let round = 0; round < 3; round++) await bench.flush()
  }
  await Promise.all([...Array.from({ length: CALLERS }, caller), flushes(), flushes()])
  const account = await bench.end()
  assertAllDelivered(account)
}

async function shutdownTwice(bench: Bench): Promise<void> {
  bench.run.add(3)
  const [account] = await Promise.all([bench.end(), bench.end()])
  assertAllDelivered(account)
  assert.deepEqual(await bench.end(), account)
  assert.equal(await bench.flush(1_000), true)
  assert.deepEqual(bench.account(), account)
}

async function afterShutdown(bench: Bench): Promise<void> {
  bench.run.add(3)
  const before = await bench.end()
  bench.run.add(2)
  const account = bench.account()
  assert.equal(account.ended, before.ended + 2)
  assert.deepEqual(account.dropped, { after_shutdown: 2 })
  assert.equal(account.delivered, before.delivered)
}

async function nothingToSend(bench: Bench): Promise<void> {
  const account = await bench.end()
  assert.deepEqual(account.dropped, {})
  assert.equal(account.delivered, account.ended)
}

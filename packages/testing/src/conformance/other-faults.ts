import assert from 'node:assert/strict'
import { assertAllDelivered, assertAllDropped, type Bench, type BenchOptions, withBench } from './bench'
import { droppedItems } from './run'

const MANY = 40
const A_MOMENT_MS = 300

type Test = { readonly title: string; readonly run: () => Promise<void> }

/** What applies to a UDP or TCP port, or to a stream. */
export function otherFaults(given: BenchOptions): Test[] {
  const { backend } = given.options
  const test = (title: string, run: (bench: Bench) => Promise<void>): Test => ({
    title,
    run: () => withBench(given, run),
  })
  const all = [test('healthy', healthy)]
  if (backend === 'udp') all.push(test('nobody listens', nobodyListensToUdp))
  if (backend === 'tcp')
    all.push(test('nobody listens', nobodyListens), test('dies and comes back', comesBack))
  return all
}

async function healthy(bench: Bench): Promise<void> {
  bench.run.add(MANY)
  const account = await bench.end()
  assertAllDelivered(account)
  assert.deepEqual(account.dropped, {})
}

/** UDP tells of it with the next datagram at best: what was sent until then counts as delivered. */
async function nobodyListensToUdp(bench: Bench): Promise<void> {
  await bench.receiver.stop()
  bench.run.add(MANY)
  await bench.flush(A_MOMENT_MS)
  bench.run.add(MANY)
  const account = await bench.end(A_MOMENT_MS)
  assert.equal(account.delivered + droppedItems(account), account.ended)
  assert.deepEqual(bench.receiver.messages(), [])
}

async function nobodyListens(bench: Bench): Promise<void> {
  await bench.receiver.stop()
  bench.run.add(MANY)
  assert.equal(await bench.flush(A_MOMENT_MS), false)
  assert.equal(bench.account().pending, bench.account().ended)
  assertAllDropped(await bench.end(A_MOMENT_MS))
}

async function comesBack(bench: Bench): Promise<void> {
  await bench.receiver.stop()
  bench.run.add(MANY)
  assert.equal(await bench.flush(A_MOMENT_MS), false)
  await bench.receiver.start()
  await bench.waitFor(() => bench.flush(), 'delivery')
  assertAllDelivered(await bench.end())
}

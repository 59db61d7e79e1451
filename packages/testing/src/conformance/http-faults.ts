import assert from 'node:assert/strict'
import type { Behaviour } from '../faulty-backend'
import { assertAllDelivered, assertAllDropped, type Bench, type BenchOptions, withHttpBench } from './bench'
import type { ConformanceTarget } from './conformance-options'
import { type HttpReceiver, SHORT_TIMEOUT_MS, type Tls } from './receivers'
import { droppedItems } from './run'
import { selfSignedCertificate } from './self-signed-certificate'

type HttpBench = Bench<HttpReceiver>
type Test = { readonly title: string; readonly skip?: string | undefined; readonly run: () => Promise<void> }

/** Several batches of spans or log records. */
const MANY = 40
/** One batch. */
const FEW = 5
const A_MOMENT_MS = 300

/** What an HTTP backend can do to an exporter. */
export function httpFaults(given: BenchOptions): Test[] {
  const { options } = given
  const test = (title: string, run: (bench: HttpBench) => Promise<void>): Test => ({
    title,
    run: () => withHttpBench(given, run),
  })
  const hanging = (title: string, run: (bench: HttpBench) => Promise<void>): Test => ({
    title,
    run: () => withHttpBench({ ...given, aim: () => ({ timeoutMs: SHORT_TIMEOUT_MS }) }, run),
  })
  const { retryableStatuses = [429, 502, 503, 504], finalStatuses = [400, 413] } = options
  return [
    test('healthy', healthy),
    test('down from the start', downFromTheStart),
    test('dies between requests and comes back', diesBetweenRequests),
    test('dies in a burst and comes back', diesInABurst),
    hanging('hangs for a while', hangsForAWhile),
    hanging('hangs until shutdown', hangsUntilShutdown),
    test('slow', slow),
    test('Retry-After is waited for', (bench) => waitsForRetryAfter(bench, retryableStatuses[0] ?? 503)),
    ...retryableStatuses.map((status) =>
      test(`${status} is tried again`, (bench) => passes(bench, { kind: 'status', status })),
    ),
    ...finalStatuses.map((status) => test(`${status} is final`, (bench) => isFinal(bench, status))),
    test('connections are reset', (bench) => passes(bench, { kind: 'reset' })),
    test('connections are reset while the request is sent', (bench) =>
      passes(bench, { kind: 'reset_request' })),
    test('connections are reset while the answer is sent', (bench) =>
      passes(bench, { kind: 'reset_answer' })),
    hanging('an answer that never ends', endlessAnswer),
    test('an answer of 100 MB', hugeAnswer),
    partialSuccess(given),
    ...unreachable(given),
  ]
}

async function healthy(bench: HttpBench): Promise<void> {
  bench.run.add(MANY)
  const account = await bench.end()
  assertAllDelivered(account)
  assert.equal(bench.receiver.itemCount, account.ended, 'what the backend counted')
  assert.deepEqual(account.dropped, {})
}

async function downFromTheStart(bench: HttpBench): Promise<void> {
  await bench.receiver.stop()
  bench.run.add(MANY)
  await assertHeldBack(bench)
  await bench.waitFor(() => bench.account().state === 'failing', 'the state "failing"')
  await bench.receiver.start()
  await assertPasses(bench)
  assert.equal(bench.account().state, 'ok')
}

async function diesBetweenRequests(bench: HttpBench): Promise<void> {
  bench.run.add(MANY)
  assert.equal(await bench.flush(), true)
  await bench.receiver.stop()
  bench.run.add(MANY)
  assert.equal(await bench.flush(A_MOMENT_MS), false)
  await bench.receiver.start()
  await assertPasses(bench)
}

async function diesInABurst(bench: HttpBench): Promise<void> {
  bench.run.add(MANY)
  const flushing = bench.flush(A_MOMENT_MS)
  await bench.waitFor(() => bench.receiver.requestCount > 0, 'the first request')
  await bench.receiver.stop()
  await flushing
  await bench.receiver.start()
  bench.run.add(MANY)
  await assertPasses(bench)
}

async function hangsForAWhile(bench: HttpBench): Promise<void> {
  await passes(bench, { kind: 'hang' })
}

async function hangsUntilShutdown(bench: HttpBench): Promise<void> {
  bench.receiver.behaviour = { kind: 'hang' }
  bench.run.add(MANY)
  const since = performance.now()
  const account = await bench.end(A_MOMENT_MS)
  assertAllDropped(account)
  const tookMs = performance.now() - since
  assert.ok(tookMs < A_MOMENT_MS + 10_000, `shutdown within ${A_MOMENT_MS} ms took ${tookMs} ms`)
}

async function slow(bench: HttpBench): Promise<void> {
  bench.receiver.behaviour = { kind: 'slow', itemsPerSecond: 400 }
  bench.run.add(MANY)
  assertAllDelivered(await bench.end())
}

async function waitsForRetryAfter(bench: HttpBench, status: number): Promise<void> {
  const { receiver, run } = bench
  receiver.behaviour = { kind: 'status', status, retryAfter: '1' }
  run.add(FEW)
  await bench.flush(A_MOMENT_MS)
  await bench.waitFor(() => receiver.arrivalsMs.length > 0, 'the first request')
  const refused = receiver.arrivalsMs.length
  succeed(bench)
  await bench.waitFor(() => receiver.arrivalsMs.length > refused, 'another request')
  const [before = 0, after = 0] = receiver.arrivalsMs.slice(refused - 1)
  assert.ok(after - before >= 990, `asked to wait for 1,000 ms, it came back after ${after - before} ms`)
  assertAllDelivered(await bench.end())
}

/** The backend behaves so, nothing is lost meanwhile, and everything arrives as soon as it takes it. */
async function passes(bench: HttpBench, behaviour: Behaviour): Promise<void> {
  bench.receiver.behaviour = behaviour
  bench.run.add(MANY)
  await assertHeldBack(bench)
  succeed(bench)
  await assertPasses(bench)
}

async function assertHeldBack(bench: HttpBench): Promise<void> {
  assert.equal(await bench.flush(A_MOMENT_MS), false, 'all is said to be delivered')
  const account = bench.account()
  assert.ok(account.pending > 0, JSON.stringify(account))
  assert.equal(account.pending, account.ended, JSON.stringify(account))
}

async function assertPasses(bench: HttpBench): Promise<void> {
  // A request that the backend has not answered yet may end its flush early: the next one goes on.
  await bench.waitFor(() => bench.flush(), 'delivery')
  assertAllDelivered(bench.account())
  const account = await bench.end()
  assertAllDelivered(account)
  // At least once: what was not acknowledged is sent again.
  assert.ok(bench.receiver.itemCount >= account.delivered, `the backend has ${bench.receiver.itemCount}`)
}

async function isFinal(bench: HttpBench, status: number): Promise<void> {
  bench.receiver.behaviour = { kind: 'status', status, body: 'no' }
  bench.run.add(MANY)
  const account = await bench.end()
  assertAllDropped(account)
  assert.equal(account.retries, 0, 'it was sent again')
}

/** The backend has it: to send it again would deliver everything twice. */
async function endlessAnswer(bench: HttpBench): Promise<void> {
  bench.receiver.behaviour = { kind: 'stall' }
  bench.run.add(FEW)
  const account = await bench.end()
  assertAllDelivered(account)
  assert.equal(account.retries, 0, 'it was sent again')
}

async function hugeAnswer(bench: HttpBench): Promise<void> {
  bench.receiver.behaviour = { kind: 'flood', bytes: 100 * 1024 * 1024 }
  bench.run.add(FEW)
  assertAllDelivered(await bench.end())
  const { floodedBytes, requestCount } = bench.receiver
  assert.ok(floodedBytes < requestCount * 20e6, `${floodedBytes} bytes were read`)
}

function succeed({ receiver }: HttpBench): void {
  receiver.behaviour = receiver.success
}

function partialSuccess(given: BenchOptions): Test {
  const { signal, options } = given
  const answer = options.partialSuccess
  const run = async (bench: HttpBench) => {
    bench.receiver.behaviour = { kind: 'ok', ...answer?.(2, FEW, signal) }
    bench.run.add(FEW)
    const account = await bench.end()
    assert.equal(droppedItems(account), 2, JSON.stringify(account))
    assert.equal(account.delivered, account.ended - 2, JSON.stringify(account))
    assert.equal(account.retries, 0, 'it was sent again')
  }
  const skip = answer === undefined ? 'the protocol has no partial success' : undefined
  return { title: 'partial success', skip, run: () => withHttpBench(given, run) }
}

/** Nothing may arrive, and the account says so at the end. */
function unreachable(given: BenchOptions): Test[] {
  const skip = given.options.https === false ? 'the backend is never spoken to over TLS' : undefined
  const lost = async (bench: HttpBench) => {
    bench.run.add(MANY)
    await assertHeldBack(bench)
    assertAllDropped(await bench.end(A_MOMENT_MS))
    assert.equal(bench.receiver.requestCount, 0, 'a request arrived')
  }
  const aimed = (aim: NonNullable<BenchOptions['aim']>, tls?: Tls) =>
    withHttpBench({ ...given, aim: (target) => ({ timeoutMs: SHORT_TIMEOUT_MS, ...aim(target) }) }, lost, tls)
  const nowhere = ({ port }: ConformanceTarget) => ({
    host: 'nowhere.invalid',
    url: `http://nowhere.invalid:${port}`,
  })
  return [
    { title: 'a host that does not exist', run: () => aimed(nowhere) },
    {
      title: 'TLS to a plain port',
      skip,
      run: () => aimed(({ port }) => ({ url: `https://127.0.0.1:${port}` })),
    },
    { title: 'a certificate that nobody knows', skip, run: () => aimed(() => ({}), selfSignedCertificate()) },
  ]
}

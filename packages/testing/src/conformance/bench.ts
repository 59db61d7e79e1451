import assert from 'node:assert/strict'
import type { Signal } from '@hashira/core'
import type { ExporterAccount } from '@hashira/delivery'
import { type WaitOptions, waitFor } from '../wait-for'
import type { ConformanceOptions, ConformanceTarget } from './conformance-options'
import { createReceiver, HttpReceiver, type Receiver, type Tls } from './receivers'
import { assertBalanced, countItemsOf, droppedItems, type Run, startRun } from './run'

const PATIENCE_MS = 30_000

/** One exporter and signal, connected to a backend for one test. */
export class Bench<R extends Receiver = Receiver> {
  readonly receiver: R
  readonly run: Run
  readonly #secrets: readonly string[]
  readonly #patienceMs: number

  constructor(
    receiver: R,
    run: Run,
    { secrets = [], patienceMs = PATIENCE_MS }: Partial<ConformanceOptions> = {},
  ) {
    this.receiver = receiver
    this.run = run
    this.#secrets = secrets
    this.#patienceMs = patienceMs
  }

  /** The account, which must add up whenever it is looked at. */
  account(): ExporterAccount {
    const account = assertBalanced(this.run.deliverer.account())
    const told = JSON.stringify(account)
    for (const secret of this.#secrets) assert.ok(!told.includes(secret), 'the account shows a secret')
    return account
  }

  async flush(ms = this.#patienceMs): Promise<boolean> {
    const done = await this.run.deliverer.flush(Date.now() + ms)
    this.account()
    return done
  }

  /** Shuts down; nothing may be pending afterwards. */
  async end(ms = this.#patienceMs): Promise<ExporterAccount> {
    await this.run.deliverer.shutdown(Date.now() + ms)
    const account = this.account()
    assert.equal(account.pending, 0, JSON.stringify(account))
    assert.equal(account.queueBytes, 0, JSON.stringify(account))
    return account
  }

  waitFor<T>(condition: () => T, what: string, options: WaitOptions = {}): Promise<T> {
    return waitFor(
      () => {
        this.account()
        return condition()
      },
      { timeoutMs: this.#patienceMs, what, ...options },
    )
  }
}

export interface BenchOptions {
  readonly options: ConformanceOptions
  readonly signal: Signal
  /** What is different about the address. */
  readonly aim?: ((target: ConformanceTarget) => Partial<ConformanceTarget>) | undefined
}

export async function withBench(
  { options, signal, aim }: BenchOptions,
  test: (bench: Bench) => Promise<void>,
): Promise<void> {
  const receiver = createReceiver(options, countItemsOf(options, signal))
  await onBench(receiver, { options, signal, aim }, test)
}

/** As {@link withBench}, with all that an HTTP backend can do. */
export async function withHttpBench(
  { options, signal, aim }: BenchOptions,
  test: (bench: Bench<HttpReceiver>) => Promise<void>,
  tls?: Tls,
): Promise<void> {
  const receiver = new HttpReceiver(options, countItemsOf(options, signal), tls)
  await onBench(receiver, { options, signal, aim }, test)
  if (receiver.decodeError !== undefined) throw receiver.decodeError
}

async function onBench<R extends Receiver>(
  receiver: R,
  { options, signal, aim }: BenchOptions,
  test: (bench: Bench<R>) => Promise<void>,
): Promise<void> {
  await receiver.start()
  try {
    const target = { ...receiver.target, ...aim?.(receiver.target) }
    const run = startRun(options.create(target), signal, options.metrics?.stream)
    const bench = new Bench(receiver, run, options)
    try {
      await test(bench)
    } finally {
      bench.run.deliverer.abandon('end_of_test')
    }
  } catch (error) {
    // What the decoder could not read explains the rest.
    throw receiver instanceof HttpReceiver ? (receiver.decodeError ?? error) : error
  } finally {
    await receiver.stop()
  }
}

export function assertAllDelivered(account: ExporterAccount): void {
  assert.ok(account.ended > 0, 'nothing was counted')
  assert.equal(account.delivered, account.ended, JSON.stringify(account))
}

export function assertAllDropped(account: ExporterAccount): void {
  assert.ok(account.ended > 0, 'nothing was counted')
  assert.equal(droppedItems(account), account.ended, JSON.stringify(account))
}

import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { ChildApp, checkedAccount } from '../support/child-app.ts'
import { type Answer, Collector } from '../support/collector.ts'

/** Generous where delivery at the exit is expected: a worker has to start, and the machine may be busy. */
const PATIENT = { HASHIRA_EXIT_TIMEOUT: '15000' }

function run(collector: Collector, scenario: object, env: Record<string, string> = {}): ChildApp {
  return new ChildApp('fault/app.mjs', {
    SCENARIO: JSON.stringify(scenario),
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_BSP_SCHEDULE_DELAY: '200',
    ...env,
  })
}

const linesOf = (stderr: string) => stderr.split('\n').filter((line) => line.startsWith('hashira:'))

describe('delivery, seen from a process of its own', { concurrency: 4 }, () => {
  const collectors: Collector[] = []
  const listening = async () => {
    const collector = new Collector()
    collectors.push(collector)
    await collector.listen()
    return collector
  }
  after(async () => {
    for (const collector of collectors) await collector.die()
  })

  it('down from the start: every span is dropped with a reason, one line says so', async () => {
    const collector = await listening()
    await collector.die()
    const app = run(collector, { burst: 1_000, end: 'shutdown', timeoutMs: 1_500 })
    const { said, stderr, code } = await app.ended()
    const account = checkedAccount(said['FINAL'])
    assert.equal(code, 0)
    assert.equal(account.ended, 1_000)
    assert.equal(account.delivered, 0)
    assert.equal(account.pending, 0)
    assert.equal(linesOf(stderr).filter((line) => line.includes('ECONNREFUSED')).length, 1, stderr)
  })

  it('dead for 20 s: nothing is lost, one line when it breaks and one when it recovers', async () => {
    const collector = await listening()
    const app = run(collector, {
      steady: { perSecond: 200, seconds: 24 },
      end: 'shutdown',
      timeoutMs: 30_000,
    })
    await waitUntil(() => collector.acceptedSpans > 100)
    await collector.die()
    await delay(20_000)
    await collector.listen()
    const { said, stderr } = await app.ended()
    const account = checkedAccount(said['FINAL'])
    assert.equal(account.delivered, account.ended)
    assert.equal(collector.spanIds.size, account.ended)
    assert.equal(linesOf(stderr).length, 2, stderr)
  })

  it('slow at 1,000 spans a second: nothing is lost', async () => {
    const collector = await listening()
    let turn = Promise.resolve()
    collector.behave = async ({ spanCount }): Promise<Answer> => {
      turn = turn.then(() => delay(spanCount))
      await turn
      return 'accept'
    }
    const app = run(collector, {
      steady: { perSecond: 3_000, seconds: 3 },
      end: 'shutdown',
      timeoutMs: 30_000,
    })
    const { said } = await app.ended()
    const account = checkedAccount(said['FINAL'])
    assert.ok(account.ended >= 8_000)
    assert.equal(account.delivered, account.ended)
    assert.equal(collector.spanIds.size, account.ended)
  })

  for (const [name, status, retryAfter] of [
    ['503 with Retry-After in seconds', 503, () => '2'],
    ['429 with Retry-After as a date', 429, () => new Date(Date.now() + 3_000).toUTCString()],
  ] as const) {
    it(`${name}: waits as long as asked, loses nothing`, async () => {
      const collector = await listening()
      const refused: number[] = []
      collector.behave = () => {
        if (refused.length > 0 && Date.now() - refused[0]! >= 900) return 'accept'
        refused.push(Date.now())
        return { status, retryAfter: retryAfter() }
      }
      const app = run(collector, {
        steady: { perSecond: 100, seconds: 6 },
        end: 'shutdown',
        timeoutMs: 20_000,
      })
      const { said } = await app.ended()
      const account = checkedAccount(said['FINAL'])
      assert.equal(account.delivered, account.ended)
      assert.equal(collector.spanIds.size, account.ended)
      // Requests under way together may all be refused; the next one comes no earlier than asked.
      const next = collector.arrivals.find((arrival) => arrival > refused.at(-1)! + 5)!
      assert.ok(next - refused[0]! >= 1_900, `asked again after ${next - refused[0]!} ms`)
    })
  }

  it('a burst of 20,000 spans in one tick and a natural end without shutdown(): nothing is lost', async () => {
    const collector = await listening()
    const { said, code, stderr } = await run(collector, { burst: 20_000, end: 'natural' }).ended()
    const account = checkedAccount(said['ACCOUNT'])
    assert.equal(code, 0, stderr)
    assert.equal(account.delivered, 20_000)
    assert.equal(collector.spanIds.size, 20_000)
  })

  it('process.exit(): what is waiting is sent', async () => {
    const collector = await listening()
    const { said, code, stderr } = await run(collector, { burst: 100, end: 'exit' }, PATIENT).ended()
    const account = checkedAccount(said['ACCOUNT'])
    assert.equal(code, 0, stderr)
    assert.equal(account.delivered, 100, stderr)
    assert.equal(collector.spanIds.size, 100)
  })

  it('process.exit() with a hung backend: ends all the same, and one line says what is lost', async () => {
    const collector = await listening()
    collector.behave = () => 'hang'
    const { said, stderr } = await run(collector, { burst: 100, end: 'exit' }).ended()
    const account = checkedAccount(said['ACCOUNT'])
    assert.equal(account.delivered, 0)
    assert.equal(account.pending, 0)
    assert.equal(linesOf(stderr).filter((line) => line.includes('100')).length, 1, stderr)
  })

  for (const [end, what, text] of [
    ['throw', 'an uncaught error', /the app has a fault/],
    ['reject', 'an unhandled rejection', /nobody handles this/],
  ] as const)
    it(`${what}: what is waiting is sent, the error is reported as ever`, async () => {
      const collector = await listening()
      const { code, stderr, said } = await run(collector, { burst: 100, end }, PATIENT).ended()
      assert.equal(code, 1)
      assert.match(stderr, text)
      assert.equal(checkedAccount(said['ACCOUNT']).delivered, 100)
      assert.equal(collector.spanIds.size, 100)
    })

  it('SIGTERM without a listener in the app: everything is sent, the process dies by the signal', async () => {
    const collector = await listening()
    const app = run(collector, { burst: 5_000, end: 'signal' })
    await app.said('MADE')
    app.kill('SIGTERM')
    const { signal } = await app.ended()
    assert.equal(signal, 'SIGTERM')
    assert.equal(collector.spanIds.size, 5_000)
  })

  it('SIGTERM with a hung backend: out within 5 s', async () => {
    const collector = await listening()
    collector.behave = () => 'hang'
    const app = run(collector, { burst: 1_000, end: 'signal' })
    await app.said('MADE')
    const started = performance.now()
    app.kill('SIGTERM')
    const { signal } = await app.ended()
    assert.equal(signal, 'SIGTERM')
    assert.ok(performance.now() - started < 5_000)
  })

  it('SIGTERM with a listener in the app: the app ends by itself, spans of its shutdown included', async () => {
    const collector = await listening()
    const app = run(collector, { burst: 5_000, end: 'handledSignal' })
    await app.said('MADE')
    app.kill('SIGTERM')
    const { code, signal, said } = await app.ended()
    assert.deepEqual({ code, signal }, { code: 0, signal: null })
    const account = checkedAccount(said['ACCOUNT'])
    assert.equal(account.delivered, 5_001)
    assert.ok(collector.names.has('during the shutdown of the app'))
  })

  for (const version of [3, 4]) {
    it(`SIGTERM with signal-exit ${version} in the app: everything is sent, its callback runs, nobody waits for ever`, async () => {
      const collector = await listening()
      const app = run(collector, { burst: 1_000, end: 'signal', signalExit: version })
      await app.said('MADE')
      app.kill('SIGTERM')
      const { signal, said } = await app.ended()
      assert.equal(signal, 'SIGTERM')
      assert.deepEqual(said['SIGNAL_EXIT'], { code: null, signal: 'SIGTERM' })
      assert.equal(collector.spanIds.size, 1_000)
    })
  }
})

async function waitUntil(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 15_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${condition}`)
    await delay(20)
  }
}

import assert from 'node:assert/strict'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { ExporterAccount } from '@hashira/delivery'
import { checkedAccount } from '../support/child-app.ts'
import { faultApp, linesOf, spanBackend, temporaryFolder } from '../support/fault-app.ts'

/** A backend that is down, on a port that stays its own, and a folder for the spool. */
async function outage() {
  const backend = await spanBackend()
  await backend.stop()
  const dir = temporaryFolder()
  const env = { HASHIRA_SPOOL_DIR: dir }
  const files = () => readdirSync(dir).flatMap((name) => readdirSync(join(dir, name)))
  const bytes = () => {
    const sizes = readdirSync(dir, { recursive: true, encoding: 'utf8' }).map(
      (name) => statSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0,
    )
    return sizes.reduce((sum, size) => sum + size, 0)
  }
  return { backend, env, files, bytes, run: (scenario: object) => faultApp(backend.url, scenario, env) }
}

/** The next start, with a backend that works. */
async function nextStart({ backend, run }: Awaited<ReturnType<typeof outage>>) {
  await backend.start()
  const { said } = await run({ end: 'shutdown', timeoutMs: 30_000 }).ended()
  return checkedAccount(said['FINAL'])
}

describe('the spool, seen from processes of their own', { concurrency: 4 }, () => {
  it('SIGKILL: the next start delivers what was waiting, every span of it', async () => {
    const fault = await outage()
    const app = fault.run({ burst: 5_000, until: { pending: 5_000 }, spooled: true, end: 'signal' })
    const before = (await app.said('SPOOLED')) as ExporterAccount
    assert.deepEqual([before.pending, before.spooled], [5_000, 0])
    app.kill('SIGKILL')
    assert.equal((await app.ended()).signal, 'SIGKILL')
    const { ended, recovered, delivered } = await nextStart(fault)
    assert.deepEqual({ ended, recovered, delivered }, { ended: 0, recovered: 5_000, delivered: 5_000 })
    assert.equal(fault.backend.ids.size, 5_000)
    assert.deepEqual(fault.files(), [])
  })

  it('SIGKILL while it writes: what is whole is delivered, the tail is skipped', async () => {
    const fault = await outage()
    for (const more of [1, 30_000, 300_000]) {
      const before = fault.bytes()
      const app = fault.run({ steady: { perSecond: 5_000, seconds: 60 }, end: 'natural' })
      while (fault.bytes() < before + more) await delay(1)
      app.kill('SIGKILL')
      await app.ended()
    }
    const account = await nextStart(fault)
    assert.ok(account.recovered > 0)
    assert.deepEqual([account.delivered, account.dropped], [account.recovered, {}])
    assert.equal(fault.backend.ids.size, account.delivered)
    assert.deepEqual(fault.files(), [])
  })

  for (const [end, what] of [
    ['exit', 'process.exit()'],
    ['throw', 'an uncaught error'],
    ['reject', 'an unhandled rejection'],
    ['shutdown', 'shutdown()'],
    ['natural', 'the natural end'],
  ] as const)
    it(`${what} during an outage: everything is left in the spool, and the next start delivers it`, async () => {
      const fault = await outage()
      const { said, stderr } = await fault
        .run({ burst: 1_000, end, timeoutMs: 300, options: { shutdownTimeoutMs: 300 } })
        .ended()
      const { spooled, dropped, pending } = checkedAccount(said['FINAL'] ?? said['ACCOUNT'])
      assert.deepEqual({ spooled, dropped, pending }, { spooled: 1_000, dropped: {}, pending: 0 }, stderr)
      assert.equal(
        linesOf(stderr).filter((line) => line.includes('1000 items were left in the spool')).length,
        1,
        stderr,
      )
      const { recovered, delivered } = await nextStart(fault)
      assert.deepEqual({ recovered, delivered }, { recovered: 1_000, delivered: 1_000 })
      assert.equal(fault.backend.ids.size, 1_000)
    })

  it('SIGTERM with a backend that hangs: out in time, nothing is lost', async () => {
    const fault = await outage()
    await fault.backend.start()
    fault.backend.behaviour = { kind: 'hang' }
    const app = fault.run({ burst: 1_000, end: 'signal', options: { shutdownTimeoutMs: 500 } })
    await app.said('MADE')
    app.kill('SIGTERM')
    const { signal, said } = await app.ended()
    assert.equal(signal, 'SIGTERM')
    assert.equal(said['ACCOUNT'], undefined, 'died by the signal')
    await fault.backend.stop()
    fault.backend.behaviour = { kind: 'ok' }
    const { recovered, delivered } = await nextStart(fault)
    assert.deepEqual({ recovered, delivered }, { recovered: 1_000, delivered: 1_000 })
    assert.equal(fault.backend.ids.size, 1_000)
  })

  it('traces, metrics and logs, each by itself', async () => {
    const fault = await outage()
    const run = (scenario: object) =>
      faultApp(fault.backend.url, scenario, {
        ...fault.env,
        OTEL_METRICS_EXPORTER: 'otlp',
        OTEL_LOGS_EXPORTER: 'otlp',
      })
    const left = await run({ burst: 100, lines: 50, end: 'shutdown', timeoutMs: 1_000 }).ended()
    const of = (status: unknown) => {
      checkedAccount(status)
      const { exporters } = status as { exporters: ExporterAccount[] }
      return Object.fromEntries(exporters.map((account) => [account.signal, account]))
    }
    const before = of(left.said['FINAL'])
    assert.deepEqual([before['traces']!.spooled, before['logs']!.spooled], [100, 50], left.stderr)
    assert.ok(before['metrics']!.spooled > 0)
    await fault.backend.start()
    const after = of((await run({ end: 'shutdown', timeoutMs: 30_000 }).ended()).said['FINAL'])
    for (const signal of ['traces', 'metrics', 'logs'])
      assert.equal(after[signal]!.recovered, before[signal]!.spooled, signal)
    assert.equal(fault.backend.ids.size, 100)
    assert.deepEqual(fault.files(), [])
  })

  it('a process that runs takes over what another left, within half a minute', async () => {
    const fault = await outage()
    const alive = fault.run({ burst: 10, until: { delivered: 310 }, end: 'shutdown', timeoutMs: 10_000 })
    await alive.said('MADE')
    const killed = fault.run({ burst: 300, until: { pending: 300 }, spooled: true, end: 'signal' })
    await killed.said('SPOOLED')
    killed.kill('SIGKILL')
    await killed.ended()
    await fault.backend.start()
    const { ended, recovered, delivered } = checkedAccount((await alive.ended()).said['FINAL'])
    assert.deepEqual({ ended, recovered, delivered }, { ended: 10, recovered: 300, delivered: 310 })
    assert.equal(fault.backend.ids.size, 310)
  })

  it('a process leaves to another what that still writes, and takes it over once it is dead', async () => {
    const fault = await outage()
    const alive = fault.run({ burst: 1_000, until: { pending: 1_000 }, spooled: true, end: 'signal' })
    await alive.said('SPOOLED')
    const beside = await fault.run({ burst: 10, end: 'shutdown', timeoutMs: 300 }).ended()
    const besideAccount = checkedAccount(beside.said['FINAL'])
    assert.deepEqual([besideAccount.recovered, besideAccount.spooled], [0, 10])
    alive.kill('SIGKILL')
    await alive.ended()
    const { recovered, delivered } = await nextStart(fault)
    assert.deepEqual({ recovered, delivered }, { recovered: 1_010, delivered: 1_010 })
    assert.equal(fault.backend.ids.size, 1_010)
  })
})

import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
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
  return { backend, files, run: (scenario: object) => faultApp(backend.url, scenario, env) }
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
    let kept = 0
    for (const pauseMs of [40, 90, 160]) {
      const app = fault.run({ burst: 20_000, until: { spoolBytes: 1 }, end: 'signal' })
      await app.said('MADE')
      await delay(pauseMs)
      app.kill('SIGKILL')
      await app.ended()
      kept += fault.files().length
    }
    const account = await nextStart(fault)
    assert.equal(account.delivered, account.recovered)
    assert.equal(fault.backend.ids.size, account.delivered)
    assert.ok(kept === 0 || account.recovered > 0 || account.spoolTorn > 0)
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

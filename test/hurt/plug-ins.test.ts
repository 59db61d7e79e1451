import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isHashiraError } from '@hashira/core'
import { trace } from '@opentelemetry/api'
import { type StartOptions, type Status, start } from 'hashira'
import { ChildApp, checkedAccount, type Ended } from '../support/child-app.js'

import { unusable } from './bad-exporters.mjs'

const REQUESTS = 40

async function run(scenario: object): Promise<Ended> {
  const app = new ChildApp('hurt/plug-ins-app.mjs', {
    SCENARIO: JSON.stringify({ requests: REQUESTS, ...scenario }),
  })
  const ended = await app.ended()
  assert.equal(ended.code, 0, ended.stderr)
  assert.equal(ended.said['ANSWERED'], REQUESTS)
  assert.deepEqual(ended.said['ASTRAY'], [])
  for (const status of ['RUNNING', 'FINAL', 'ENDED']) if (status in ended.said) checkExact(ended.said[status])
  return ended
}

function checkExact(status: unknown): void {
  checkedAccount(status)
  for (const { exporter, ended, pending, queueBytes } of (status as Status).exporters)
    assert.ok(
      [ended, pending, queueBytes].every((count) => Number.isInteger(count) && count >= 0),
      exporter,
    )
}

describe('exporters, hooks and collectors that throw, reject, never settle or settle twice', () => {
  it('hurt neither the app nor each other, and the account is exact', async () => {
    const { said } = await run({})
    const { exporters, faults } = said['FINAL'] as Status
    const spans = REQUESTS * 2
    for (const { exporter, signal, ended, pending } of exporters) {
      assert.equal(pending, 0, exporter)
      if (signal === 'traces') assert.ok(ended >= spans, exporter)
    }
    const account = exporters.find(({ exporter }) => exporter === 'counting')!
    assert.equal(account.delivered, account.ended)
    assert.equal(said['COUNTED'], account.ended)
    assert.ok(faults['exporter_open']! >= 3, JSON.stringify(faults))
    assert.ok(faults['exporter_close']! >= 3, JSON.stringify(faults))
  })

  for (const callbacks of ['throw', 'reject'])
    it(`callbacks of observe() that ${callbacks} are counted`, async () => {
      const { faults } = (await run({ callbacks })).said['FINAL'] as Status
      for (const reason of ['on_request', 'on_response', 'is_error', 'ignore', 'label'])
        assert.ok(faults[reason]! >= REQUESTS, `${reason}: ${JSON.stringify(faults)}`)
    })

  it('leave /metrics whole but for what fails', async () => {
    const { status, text } = (await run({})).said['SCRAPE'] as { status: number; text: string }
    assert.equal(status, 200)
    assert.match(text, /^app_jobs_total 7$/m)
    assert.match(text, /^http_server_request_duration_seconds_count\{.*http_route="\/items\/:id".*\} 40$/m)
    assert.deepEqual(
      text.split('\n').filter((line) => line.endsWith(' NaN')),
      [],
    )
    for (const name of ['app_throwing', 'app_rejecting', 'throwing', 'rejecting', 'nothing'])
      assert.match(
        text,
        new RegExp(`^hashira_metrics_collect_failures_total\\{name="${name}"\\} [1-9]\\d*$`, 'm'),
      )
  })

  it('do not keep the good ones from being sent when the process exits', async () => {
    const { said } = await run({ exit: 'exit' })
    for (const { exporter, pending } of (said['ENDED'] as Status).exporters)
      assert.equal(pending, 0, exporter)
  })
})

describe('a sampler and a hook that', () => {
  for (const sampler of ['throws', 'nothing', 'rejects'])
    it(sampler === 'nothing' ? 'return nothing' : sampler, async () => {
      const { said } = await run({ sampler })
      const { faults } = said['FINAL'] as Status
      assert.ok(faults['sampler']! >= REQUESTS, JSON.stringify(faults))
      // Requests are counted whatever the sampler does.
      const { text } = said['SCRAPE'] as { text: string }
      assert.match(text, /^http_server_request_duration_seconds_count\{.*\} 40$/m)
    })
})

describe('an exporter that can not be started', () => {
  for (const [what, exporter] of Object.entries<object>(unusable))
    it(`${what}: a coded error, and nothing is left behind`, async () => {
      const exporters = [{ name: 'bad', ...exporter }]
      assert.throws(
        () => start({ exporters, quiet: true } as StartOptions),
        (error) => isHashiraError(error) && error.code === 'HASHIRA_EXPORTER_INVALID',
      )
      assert.equal(trace.getTracer('any').startSpan('span').isRecording(), false)
      const hashira = start({ exporters: [], quiet: true })
      assert.equal((await hashira.shutdown()).state, 'stopped')
    })
})

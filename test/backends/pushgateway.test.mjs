// Checks the harness itself: an exposition written by hand goes into the real Pushgateway and comes back.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { given } from './given.mjs'
import { pushedGroups } from './pushgateway/query.mjs'

const { pushgateway, describe, it } = given('pushgateway')

describe('the real Pushgateway', () => {
  const job = `by-hand-${randomBytes(4).toString('hex')}`
  const group = `${pushgateway.url}/metrics/job/${job}/instance/one`

  it('keeps what was pushed in its group, until it is deleted', async () => {
    const body = '# TYPE runs_total counter\n# HELP runs_total Runs.\nruns_total{kind="nightly"} 3\n'
    const pushed = await fetch(group, { method: 'PUT', body })
    assert.equal(pushed.status, 200, await pushed.text())
    const [found] = await pushedGroups(pushgateway.url, { job, instance: 'one' })
    const { type, help, metrics } = found.runs_total
    assert.equal(type, 'COUNTER')
    assert.equal(help, 'Runs.')
    assert.deepEqual(metrics, [{ labels: { instance: 'one', job, kind: 'nightly' }, value: '3' }])

    const deleted = await fetch(group, { method: 'DELETE' })
    assert.equal(deleted.status, 202)
    assert.deepEqual(await pushedGroups(pushgateway.url, { job }), [])
  })

  it('refuses what it cannot parse', async () => {
    const pushed = await fetch(group, { method: 'PUT', body: 'runs_total{ 3\n' })
    assert.equal(pushed.status, 400, await pushed.text())
    assert.deepEqual(await pushedGroups(pushgateway.url, { job }), [])
  })
})

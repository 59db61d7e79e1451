// After `shutdown()`, and the undoing of what observes servers, nothing of Hashira is left on any object of the app or of Node, and
// the process ends by itself.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)

interface Report {
  before: Record<string, unknown>
  during: Record<string, unknown>
  after: Record<string, unknown>
  sockets: Record<string, number>[]
  status: { exporters: { ended: number; delivered: number; dropped: object }[] }
}

test('no listener, timer, subscriber or wrapped function is left, and the process ends', async () => {
  const program = join(import.meta.dirname, 'shutdown-app.mjs')
  const { stdout, stderr } = await run(process.execPath, [program], { timeout: 60_000 })
  assert.equal(stderr, '')
  const report = JSON.parse(stdout.trim().split('\n').at(-1)!) as Report
  assert.deepEqual(report.after, report.before)
  for (const { ended, delivered } of report.status.exporters) assert.ok(ended > 0 && delivered === ended)

  const { before, during } = report
  for (const part of ['process', 'own', 'prototypes', 'channels', 'globals', 'server'])
    assert.notDeepEqual(during[part], before[part], `the picture shows ${part}`)
  const ours = report.sockets.flatMap((counts) => Object.entries(counts)).filter(([name]) => !NODES.has(name))
  assert.deepEqual(ours, [], 'the sockets of the server have listeners of Node only')
})

/** What Node itself listens to on a socket of a server. */
const NODES = new Set(['close', 'error', 'drain', 'data', 'end', 'timeout', 'resume', 'pause'])

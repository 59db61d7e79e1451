import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

test('a finished request can be collected although a socket that it opened lives on', () => {
  const child = join(__dirname, 'support', 'open-socket.mjs')
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--expose-gc', child], {
    encoding: 'utf8',
    timeout: 30_000,
  })
  assert.equal(status, 0, stderr)
  assert.deepEqual(JSON.parse(stdout), {
    request: 'collected',
    response: 'collected',
    error: 'collected',
    fields: 'collected',
    socket: 'open',
  })
})

// The unit tests of every package on the other Node lines.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { given } from './given.mjs'

const { node, describe, it } = given('node')
const root = join(import.meta.dirname, '..', '..')

describe('every package on the other Node lines', () => {
  for (const [line, { path, missing }] of Object.entries(node.lines)) {
    it(`Node ${line}`, { skip: missing ?? false, timeout: 600_000 }, async () => {
      const { code, output } = await runTests(path)
      assert.equal(code, 0, output)
      assert.match(output, /^ℹ fail 0$/m)
    })
  }
})

/** First on the PATH too: tests start `node` by that name. */
function runTests(path) {
  const env = { ...process.env, PATH: `${dirname(path)}:${process.env.PATH}` }
  delete env.NODE_TEST_CONTEXT
  return new Promise((resolve) => {
    execFile(
      path,
      ['scripts/run-tests.mjs', 'packages/'],
      { cwd: root, env, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const failed = stdout.indexOf('✖ failing tests:')
        const shown = failed < 0 ? stdout.slice(-2_000) : stdout.slice(failed, failed + 8_000)
        resolve({
          code: error?.code ?? 0,
          output: `${shown}\n${stdout.match(/^ℹ fail .*$/m)?.[0] ?? ''}\n${stderr.slice(-2_000)}`,
        })
      },
    )
  })
}

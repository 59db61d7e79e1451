// `@hashira/lambda` in AWS's own published runtime client: the tests of the package, run by it instead of by ours.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { given } from './given.mjs'

const { node, 'lambda-ric': ric, describe, it } = given('node', 'lambda-ric')
const root = join(import.meta.dirname, '..', '..')

describe("AWS's runtime client", () => {
  for (const [version, folder] of Object.entries(ric.folders)) {
    const { path, missing } = node.lines[24]
    it(`aws-lambda-ric ${version}`, { skip: missing ?? false, timeout: 300_000 }, async () => {
      const { code, output } = await runTests(path, folder)
      assert.equal(code, 0, output)
      assert.match(output, /^ℹ fail 0$/m)
    })
  }
})

function runTests(path, folder) {
  const env = { ...process.env, HASHIRA_TEST_LAMBDA_RIC: folder }
  delete env.NODE_TEST_CONTEXT
  return new Promise((resolve) => {
    execFile(
      path,
      ['scripts/run-tests.mjs', 'packages/lambda/test/runtime'],
      { cwd: root, env, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => resolve({ code: error?.code ?? 0, output: `${stdout}\n${stderr}` }),
    )
  })
}

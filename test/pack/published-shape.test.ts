import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { packAll, type Tarball } from './tarballs.ts'

const run = promisify(execFile)
const attw = join(
  createRequire(import.meta.url).resolve('@arethetypeswrong/cli/package.json'),
  '..',
  'dist',
  'index.js',
)

describe('what is published', () => {
  let tarballs: Tarball[]
  before(async () => {
    tarballs = await packAll()
  })

  it('satisfies publint', async () => {
    for (const { name, path } of tarballs) {
      const bytes = await readFile(path)
      const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
      const { messages, pkg } = await publint({ pack: { tarball }, strict: true })
      assert.deepEqual(
        messages.map((message) => formatMessage(message, pkg)),
        [],
        name,
      )
    }
  })

  it('has right types for import and require, under node16 and bundler resolution', async () => {
    for (const { name, path } of tarballs) {
      const { stdout } = await run(process.execPath, [
        attw,
        path,
        '--format',
        'json',
        '--profile',
        'node16',
      ]).catch((failed: { stdout: string }) => failed)
      const { problems } = JSON.parse(stdout) as { problems?: Record<string, unknown[]> }
      assert.deepEqual(Object.keys(problems ?? {}), [], `${name}: ${stdout.slice(0, 2_000)}`)
    }
  })
})

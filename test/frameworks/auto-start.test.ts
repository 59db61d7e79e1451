// `observe()` of the entries of @hashira/http starts Hashira, which it may not import, or says once that it is not there.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { packagesFolder } from '../support/source-imports.ts'

const run = promisify(execFile)
const folders: string[] = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const PROGRAM = `
const { observe } = require('@hashira/http/koa')
require('@hashira/http/hono').observe()
require('@hashira/http/nest').HashiraModule.forRoot()
require('@hashira/http').observeServer(require('node:http').createServer())
observe({ accessLog: true })
const { shared } = require('@hashira/core')
console.log(shared('sdk', () => ({})).running === undefined ? 'not running' : 'running')
`

test('with hashira installed it is started, once', async () => {
  const env = { ...process.env, HASHIRA_EXPORTERS: 'none', HASHIRA_QUIET: 'true' }
  const { stdout, stderr } = await run(process.execPath, ['-e', PROGRAM], { cwd: packagesFolder, env })
  assert.equal(stdout.trim(), 'running')
  assert.equal(stderr, '')
})

test('without it there is one coded line for each that asked, and the app goes on', async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'hashira-alone-')))
  folders.push(folder)
  const modules = join(folder, 'node_modules')
  const require = createRequire(join(packagesFolder, 'metrics-red', 'package.json'))
  for (const name of ['core', 'tracing', 'metrics-red', 'http']) {
    for (const part of ['package.json', 'dist'])
      cpSync(join(packagesFolder, name, part), join(modules, '@hashira', name, part), { recursive: true })
  }
  for (const name of ['@opentelemetry/api', 'prom-client', 'tdigest', 'bintrees']) {
    const entry = require.resolve(name)
    const source = entry.slice(
      0,
      entry.lastIndexOf(join('node_modules', name)) + join('node_modules', name).length,
    )
    cpSync(source, join(modules, name), { recursive: true })
  }
  const { stdout, stderr } = await run(process.execPath, ['-e', PROGRAM], { cwd: folder })
  assert.equal(stdout.trim(), 'not running')
  const lines = stderr.trim().split('\n')
  assert.equal(lines.length, 4, stderr)
  for (const line of lines) assert.match(line, /is not installed.*npm install .*\[HASHIRA_NOT_INSTALLED\]$/)
  assert.equal(lines.filter((line) => line.includes('"@hashira/logs"')).length, 1)
})

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { Status } from 'hashira'
import { runShop } from './run-shop'

const folder = mkdtempSync(join(tmpdir(), 'hashira-exporters-'))
after(() => rmSync(folder, { recursive: true }))

/** Installs a package `hashira-exporter-NAME` of this text in an app. */
function install(name: string, text: string): void {
  const home = join(folder, 'node_modules', `hashira-exporter-${name}`)
  mkdirSync(home, { recursive: true })
  writeFileSync(
    join(home, 'package.json'),
    JSON.stringify({ name: `hashira-exporter-${name}`, main: 'index.js' }),
  )
  writeFileSync(join(home, 'index.js'), text)
}

const transport = `{ destination: 'here', send: async () => ({ outcome: 'delivered' }) }`
const encoder = `{ append() {}, byteLength: 1, take: () => ({ bytes: new Uint8Array(1), itemCount: 1 }) }`
const good = `exports.good = () => ({ name: 'good', traces: { transport: ${transport}, createEncoder: () => (${encoder}) } })`

const bad: readonly [what: string, name: string, text: string][] = [
  ['throws when it is loaded', 'one', `throw new Error('first line\\nsecond line')`],
  ['throws null when it is loaded', 'one', 'throw null'],
  ['is null', 'one', 'module.exports = null'],
  ['has a factory that throws', 'one', `exports.one = () => { throw new Error('no') }`],
  ['has a factory that makes nothing', 'one', 'exports.one = () => undefined'],
  ['has a name that throws', 'one', `exports.one = () => ({ get name() { throw new Error('no') } })`],
  [
    'can not be started',
    'one',
    `exports.one = () => ({ name: 'one', traces: { transport: ${transport}, createEncoder() { throw new Error('no') } } })`,
  ],
]

describe('an exporter of the app’s node_modules, named by the environment', () => {
  it('is used', async () => {
    install('good', good)
    const { said, lines } = await runShop(
      ['record', 'shutdown'],
      { HASHIRA_EXPORTERS: ' Good ,good' },
      folder,
    )
    assert.deepEqual(
      (said.at(-1) as Status).exporters.map(({ exporter, delivered }) => [exporter, delivered]),
      [['good', 1]],
    )
    assert.match(lines[0]!, /traces good here$/)
  })

  for (const [what, name, text] of bad)
    it(`that ${what} is one line, and the others work`, async () => {
      install('good', good)
      install(name, text)
      const env = { HASHIRA_EXPORTERS: `${name},good` }
      const { said, lines } = await runShop(['record', 'shutdown'], env, folder)
      assert.deepEqual(
        (said.at(-1) as Status).exporters.map(({ exporter, delivered }) => [exporter, delivered]),
        [['good', 1]],
      )
      assert.equal(lines.length, 2, lines.join('\n'))
      assert.match(lines[0]!, /\[HASHIRA_EXPORTER_INVALID\]$/)
      assert.match(lines[1]!, /traces good here$/)
    })

  it('is never a path', async () => {
    const { lines } = await runShop(['settle'], { HASHIRA_EXPORTERS: '../hashira-exporter-good' }, folder)
    assert.match(lines[0]!, /\[HASHIRA_EXPORTER_NOT_FOUND\]$/)
  })
})

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'

const packageFolder = join(__dirname, '..')
const installed = join(packageFolder, '..', '..', 'node_modules')

describe('packages that the app installs', () => {
  let folder: string
  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'hashira-aws-')))
    const copy = join(folder, 'tool', 'node_modules', '@hashira', 'aws')
    mkdirSync(copy, { recursive: true })
    cpSync(join(packageFolder, 'dist'), join(copy, 'dist'), { recursive: true })
    cpSync(join(packageFolder, 'package.json'), join(copy, 'package.json'))
    link(join('tool', 'node_modules', '@hashira', 'core'), join(installed, '@hashira', 'core'))
    const text = `
      const { awsSigner } = require(${JSON.stringify(copy)})
      const loaded = () => Object.keys(require.cache).some((path) => path.includes('signature-v4'))
      try {
        const sign = awsSigner({ service: 'xray', region: 'eu-west-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } })
        const before = loaded()
        sign({ url: 'http://a/', method: 'POST', headers: {}, body: new Uint8Array(0) }).then((headers) =>
          console.log(JSON.stringify({ before, after: loaded(), headers: Object.keys(headers) })))
      } catch (error) { console.log(JSON.stringify({ code: error.code, message: error.message })) }`
    for (const name of ['bare', 'app']) {
      mkdirSync(join(folder, name))
      writeFileSync(join(folder, name, 'main.cjs'), text)
    }
    link(join('app', 'node_modules', '@smithy', 'signature-v4'), join(installed, '@smithy', 'signature-v4'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  const link = (from: string, to: string) => {
    mkdirSync(dirname(join(folder, from)), { recursive: true })
    symlinkSync(realpathSync(to), join(folder, from))
  }
  const run = (name: string) => {
    const { stdout, stderr } = spawnSync(process.execPath, [join(folder, name, 'main.cjs')], {
      cwd: folder,
      encoding: 'utf8',
    })
    assert.equal(stderr, '')
    return JSON.parse(stdout)
  }

  it('are missing: one coded error that says what to install', () => {
    assert.deepEqual(run('bare'), {
      code: 'HASHIRA_DEPENDENCY_MISSING',
      message:
        'AWS request signing needs @smithy/signature-v4; try: npm install @smithy/signature-v4 [HASHIRA_DEPENDENCY_MISSING]',
    })
  })

  it("are loaded from the app's node_modules, with the first request", () => {
    assert.deepEqual(run('app'), { before: false, after: true, headers: ['x-amz-date', 'authorization'] })
  })
})

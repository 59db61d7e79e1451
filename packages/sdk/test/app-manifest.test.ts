import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { readAppManifest } from '../dist/app-manifest.js'

function folder(manifests: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'hashira-manifest-'))
  mkdirSync(join(root, 'dist', 'server'), { recursive: true })
  for (const [path, text] of Object.entries(manifests)) writeFileSync(join(root, path, 'package.json'), text)
  return join(root, 'dist', 'server')
}

const shop = '{"name":"shop","version":"1.2.3"}'

describe('the package.json of the app', () => {
  it('is the nearest one that has a name, upwards', () => {
    const found = { name: 'shop', version: '1.2.3', dependencies: {} }
    assert.deepEqual(readAppManifest(folder({ '.': shop })), found)
    assert.deepEqual(readAppManifest(folder({ '.': shop, dist: '{"type":"commonjs"}' })), found)
    assert.deepEqual(readAppManifest(folder({ '.': shop, dist: 'not JSON', 'dist/server': '[]' })), found)
    assert.deepEqual(readAppManifest(folder({ '.': '{"name":"workspace"}', dist: shop })), found)
  })
})

describe('a service that nobody named', () => {
  // Not a script: the working directory is the app's folder then.
  const program = `
    const { start } = require(${JSON.stringify(join(__dirname, '..'))})
    const hashira = start({ exporters: [] })
    console.log(JSON.stringify(hashira.status().service))
    hashira.shutdown()
  `
  const service = (env: Record<string, string>, cwd = folder({})) => {
    const { OTEL_SERVICE_NAME: _, OTEL_RESOURCE_ATTRIBUTES: __, ...inherited } = process.env
    const options = { cwd, env: { ...inherited, HASHIRA_QUIET: 'true', ...env } }
    return JSON.parse(execFileSync(process.execPath, ['-e', program], options).toString()) as {
      name: string
      environment?: string
    }
  }

  it('is unknown_service:node, and its environment is not NODE_ENV', () => {
    const { name, environment } = service({ NODE_ENV: 'production' })
    assert.deepEqual([name, environment], ['unknown_service:node', undefined])
  })

  it('is the Lambda function before it is the package.json', () => {
    const app = folder({ '.': shop })
    assert.equal(service({}, app).name, 'shop')
    assert.equal(service({ AWS_LAMBDA_FUNCTION_NAME: 'checkout' }, app).name, 'checkout')
  })
})

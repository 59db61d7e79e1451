import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { isHashiraError } from '@hashira/core'
import { type ZipkinOptions, zipkin } from '@hashira/exporter-zipkin'
import { VERSION } from '../dist/version.js'

const variables = [
  'OTEL_EXPORTER_ZIPKIN_ENDPOINT',
  'OTEL_EXPORTER_ZIPKIN_TIMEOUT',
  'OTEL_BSP_SCHEDULE_DELAY',
] as const

describe('zipkin()', () => {
  afterEach(() => {
    for (const name of variables) delete process.env[name]
  })
  const destination = (options?: ZipkinOptions) => zipkin(options).traces?.transport.destination

  it('is an exporter of traces only, with the default address of Zipkin', () => {
    const exporter = zipkin()
    assert.equal(exporter.name, 'zipkin')
    assert.deepEqual([exporter.metrics, exporter.logs], [undefined, undefined])
    assert.equal(destination(), 'http://localhost:9411/api/v2/spans')
    assert.equal(exporter.traces?.transport.timeoutMs, 10_000)
  })

  it('reads the environment, and code wins', () => {
    process.env['OTEL_EXPORTER_ZIPKIN_ENDPOINT'] = 'http://zipkin:1/api/v2/spans'
    process.env['OTEL_EXPORTER_ZIPKIN_TIMEOUT'] = '77'
    process.env['OTEL_BSP_SCHEDULE_DELAY'] = '5'
    assert.equal(destination(), 'http://zipkin:1/api/v2/spans')
    assert.equal(zipkin().traces?.transport.timeoutMs, 77)
    assert.deepEqual(zipkin({ maxBatchItems: 3 }).traces?.limits, { maxBatchItems: 3, intervalMs: 5 })
    assert.equal(destination({ endpoint: 'https://code/x' }), 'https://code/x')
  })

  it('says what is wrong with an option', () => {
    const throws = (options: object, code: string, text: RegExp) =>
      assert.throws(
        () => zipkin(options),
        (error) => isHashiraError(error) && error.code === code && text.test(error.message),
      )
    throws({ format: 'thrift' }, 'HASHIRA_OPTION_INVALID', /zipkin\(\).*"thrift".*json, protobuf/)
    throws({ endpoint: 'zipkin:9411' }, 'HASHIRA_OPTION_INVALID', /absolute http or https URL/)
    throws({ url: 'http://x' }, 'HASHIRA_OPTION_UNKNOWN', /"url"/)
  })

  it('knows its own version', () => {
    const manifest = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8'))
    assert.equal(VERSION, manifest.version)
  })
})

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { AttributeList, isHashiraError, type MetricFamily, type PushMetrics } from '@hashira/core'
import { createMetricPipeline } from '@hashira/delivery'
import { type PrometheusOptions, prometheus } from '@hashira/exporter-prometheus'
import fc from 'fast-check'
import { groupPath } from '../dist/pushgateway/group-path.js'
import { VERSION } from '../dist/version.js'

const resource = { attributes: new AttributeList(['service.name', 'nightly report']) }
const family: MetricFamily = {
  name: 'rows',
  naming: 'opentelemetry',
  description: 'Rows written',
  unit: '',
  type: 'counter',
  points: [
    { attributes: ['table', 'a', 'shard', 'x'], startTimeUnixMs: 0, value: 3 },
    { attributes: ['table', 'a', 'shard', 'y'], startTimeUnixMs: 0, value: 4 },
  ],
}

describe('the path of a group', () => {
  it('has every label, and what a path can not hold as base64', () => {
    assert.equal(groupPath('backup', {}), '/metrics/job/backup')
    assert.equal(
      groupPath('a b', { dc: 'eu/1', empty: '' }),
      '/metrics/job/a%20b/dc@base64/ZXUvMQ/empty@base64/=',
    )
    assert.equal(groupPath('..', { a: '.' }), '/metrics/job@base64/Li4/a@base64/Lg')
  })

  it('stays the same through URL, and tells two groups apart', (t) => {
    const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 2 ** 31)
    t.diagnostic(`seed ${seed}`)
    const value = fc.oneof(fc.string(), fc.constantFrom('/', '..', '', 'a/b', '%2F', '=', '?', '#', 'é'))
    fc.assert(
      fc.property(value, value, (job, label) => {
        const { pathname } = new URL(`http://x${groupPath(job, { label })}`)
        const [, , jobKey, jobText, labelKey, labelText, ...more] = pathname.split('/')
        const read = (key = '', text = '') =>
          key.endsWith('@base64')
            ? Buffer.from(text.replace('=', ''), 'base64url').toString('utf8')
            : decodeURIComponent(text)
        assert.deepEqual([read(jobKey, jobText), read(labelKey, labelText), more], [job, label, []])
      }),
      { seed, numRuns: 1_000 },
    )
  })
})

describe('pushing to a Pushgateway', () => {
  let received: {
    method: string
    url: string
    type: string
    body: string
    authorization: string | undefined
  }[]
  let server: Server
  let pushgatewayUrl: string

  beforeEach(async () => {
    received = []
    server = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      const { method = '', url = '', headers } = request
      received.push({
        method,
        url,
        type: headers['content-type'] ?? '',
        body,
        authorization: headers.authorization,
      })
      response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    pushgatewayUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  async function push(options: PrometheusOptions) {
    const { metrics } = prometheus({ port: 'none', pushgatewayUrl, ...options })
    const [one] = metrics as PushMetrics[]
    const collect = async () => ({ families: [family], failures: [], timeUnixMs: Date.now() })
    const pipeline = createMetricPipeline({ exporter: one!.name!, push: one!, resource, collect })
    await pipeline.shutdown(Date.now() + 20_000)
    return pipeline.account()
  }

  it('puts the whole group, at the end at the latest', async () => {
    const account = await push({
      pushgatewayUrl: pushgatewayUrl.replace('//', '//me:pass@').concat('/base/'),
    })
    assert.deepEqual([account.delivered, account.dropped], [2, {}])
    assert.deepEqual(received, [
      {
        method: 'PUT',
        url: '/base/metrics/job/nightly%20report',
        type: 'text/plain; version=0.0.4; charset=utf-8',
        body: [
          '# TYPE target_info gauge',
          'target_info{service_name="nightly report"} 1',
          '# HELP rows_total Rows written',
          '# TYPE rows_total counter',
          'rows_total{table="a",shard="x"} 3',
          'rows_total{table="a",shard="y"} 4',
          '',
        ]
          .join('\n')
          .replace(
            '# TYPE target_info gauge',
            '# HELP target_info Target metadata\n# TYPE target_info gauge',
          ),
        authorization: `Basic ${Buffer.from('me:pass').toString('base64')}`,
      },
    ])
  })

  it('keeps a label apart that the group has as well', async () => {
    await push({ groupingKey: { shard: 'one' }, job: 'j', pushgatewayMethod: 'POST' })
    const [{ method, url, body }] = received as [(typeof received)[0]]
    assert.deepEqual([method, url], ['POST', '/metrics/job/j/shard/one'])
    assert.match(body, /^rows_total\{table="a",exported_shard="y"\} 4$/m)
  })

  it('deletes the group at shutdown when asked to', async () => {
    const account = await push({ deleteAtShutdown: true })
    assert.deepEqual(
      received.map(({ method, url, body }) => [method, url, body !== '']),
      [
        ['PUT', '/metrics/job/nightly%20report', true],
        ['DELETE', '/metrics/job/nightly%20report', false],
      ],
    )
    assert.deepEqual([account.delivered, account.dropped], [2, {}])
  })
})

describe('options of pushing', () => {
  it('come from the environment', () => {
    process.env['HASHIRA_PROMETHEUS_PUSHGATEWAY_URL'] = 'http://gateway:9091'
    process.env['HASHIRA_PROMETHEUS_GROUPING_KEY'] = 'dc=eu%2F1,zone=a'
    process.env['HASHIRA_PROMETHEUS_PUSH_INTERVAL'] = '5000'
    process.env['HASHIRA_PROMETHEUS_PORT'] = 'none'
    try {
      const [push] = prometheus().metrics as PushMetrics[]
      assert.equal(push?.transport.destination, 'http://gateway:9091/')
      assert.equal(push?.intervalMs, 5_000)
    } finally {
      for (const name of Object.keys(process.env))
        if (name.startsWith('HASHIRA_PROMETHEUS_')) delete process.env[name]
    }
  })

  it('are refused when they can not be', () => {
    const wrong: PrometheusOptions[] = [
      { groupingKey: { job: 'x' } },
      { groupingKey: { '1a': 'x' } },
      { groupingKey: { a: 1 as never } },
      { pushgatewayMethod: 'PATCH' as never },
      { remoteWriteProtocol: '3.0' as never },
      { pushgatewayUrl: 'gateway:9091' },
    ]
    for (const options of wrong)
      assert.throws(
        () => prometheus(options),
        (error) => isHashiraError(error) && error.code === 'HASHIRA_OPTION_INVALID',
        JSON.stringify(options),
      )
  })

  it('are sent under the version of the package', () => {
    const manifest = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8'))
    assert.equal(VERSION, manifest.version)
  })

  it('say which package is missing', () => {
    const script = `
      const { Module } = require('node:module')
      const resolve = Module._resolveFilename
      Module._resolveFilename = function (name, ...rest) {
        if (name === 'snappyjs') throw Object.assign(new Error('not here'), { code: 'MODULE_NOT_FOUND' })
        return resolve.call(this, name, ...rest)
      }
      const { prometheus } = require('@hashira/exporter-prometheus')
      prometheus({ pushgatewayUrl: 'http://x/' })
      try { prometheus({ remoteWriteUrl: 'http://x/' }) } catch (error) { console.log(error.code, error.message) }`
    const said = execFileSync(process.execPath, ['-e', script], { cwd: __dirname, encoding: 'utf8' })
    assert.match(said, /^HASHIRA_DEPENDENCY_MISSING .*npm install snappyjs/)
  })
})

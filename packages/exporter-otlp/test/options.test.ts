import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { isHashiraError, type PushMetrics, setDiagnosticSink } from '@hashira/core'
import { logSettings, metricSettings, otlp, traceSettings } from '@hashira/exporter-otlp'
import { VERSION } from '../dist/version.js'

const traces = (env: Record<string, string>, options?: object) => traceSettings('otlp()', options, env)
const metrics = (env: Record<string, string>, options?: object) => metricSettings('otlp()', options, env)

const logs = (env: Record<string, string>, options?: object) => logSettings('otlp()', options, env)

const warnings: string[] = []
before(() => setDiagnosticSink((_level, line) => warnings.push(line)))
after(() => setDiagnosticSink(undefined))

function throwsCode(code: string, fn: () => unknown): void {
  assert.throws(fn, (error) => isHashiraError(error) && error.code === code)
}

describe('endpoints', () => {
  it('have a default', () => {
    assert.equal(traces({}).url, 'http://localhost:4318/v1/traces')
    assert.equal(metrics({}).url, 'http://localhost:4318/v1/metrics')
    assert.equal(logs({}).url, 'http://localhost:4318/v1/logs')
  })

  it('append the path to a base URL, with one slash', () => {
    for (const base of ['http://c:4318', 'http://c:4318/', 'http://c:4318//']) {
      assert.equal(traces({ OTEL_EXPORTER_OTLP_ENDPOINT: base }).url, 'http://c:4318/v1/traces')
    }
    const url = 'https://c/otlp/?tenant=1'
    assert.equal(traces({ OTEL_EXPORTER_OTLP_ENDPOINT: url }).url, 'https://c/otlp/v1/traces?tenant=1')
  })

  it('take the URL of one signal as it is', () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://base:1',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t:2/x',
    }
    assert.equal(traces(env).url, 'http://t:2/x')
    assert.equal(metrics(env).url, 'http://base:1/v1/metrics')
    assert.equal(logs(env).url, 'http://base:1/v1/logs')
    assert.equal(logs({ ...env, OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://l:3/y' }).url, 'http://l:3/y')
    assert.equal(traces({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t:2' }).url, 'http://t:2/')
  })

  it('let code win over the environment', () => {
    const env = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://env:2/x' }
    assert.equal(traces(env, { endpoint: 'http://code:1' }).url, 'http://code:1/v1/traces')
    const both = { endpoint: 'http://code:1', tracesEndpoint: 'http://code:3/y' }
    assert.equal(traces(env, both).url, 'http://code:3/y')
    assert.equal(metrics(env, both).url, 'http://code:1/v1/metrics')
  })
})

describe('the other options', () => {
  it('come from the variable of the signal, then from the general one', () => {
    const env = {
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20b,x=1',
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'api-key=m',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: 'none',
      OTEL_EXPORTER_OTLP_TIMEOUT: '5000',
      OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: '7000',
    }
    const { protocol, headers, compression, timeoutMs } = traces(env)
    assert.deepEqual(
      { protocol, headers, compression, timeoutMs },
      {
        protocol: 'http/protobuf',
        headers: { 'api-key': 'a b', x: '1' },
        compression: 'gzip',
        timeoutMs: 5000,
      },
    )
    const forMetrics = metrics(env)
    assert.equal(forMetrics.protocol, 'http/json')
    assert.deepEqual(forMetrics.headers, { 'api-key': 'm' })
    assert.equal(forMetrics.compression, 'none')
    assert.equal(forMetrics.timeoutMs, 7000)
  })

  it('take the limits of the batch processor', () => {
    const env = {
      OTEL_BSP_SCHEDULE_DELAY: '100',
      OTEL_BSP_MAX_QUEUE_SIZE: '10',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '5',
      OTEL_BSP_EXPORT_TIMEOUT: '300',
      OTEL_METRIC_EXPORT_INTERVAL: '1000',
    }
    const limits = { maxBatchItems: 5, intervalMs: 100, maxQueueItems: 10, exportTimeoutMs: 300 }
    assert.deepEqual(traces(env).limits, limits)
    assert.deepEqual(metrics(env).limits, {})
    assert.deepEqual(metrics({ OTEL_METRIC_EXPORT_TIMEOUT: '5' }).limits, { exportTimeoutMs: 5 })
    assert.equal(metrics(env).intervalMs, 1000)
    assert.deepEqual(traces(env, { maxQueueBytes: 1000 }).limits.maxQueueBytes, 1000)
  })

  it('take those of the log record processor for logs', () => {
    const env = {
      OTEL_BSP_SCHEDULE_DELAY: '100',
      OTEL_BLRP_SCHEDULE_DELAY: '200',
      OTEL_BLRP_MAX_QUEUE_SIZE: '20',
      OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: '15',
      OTEL_BLRP_EXPORT_TIMEOUT: '400',
      OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'a=b',
      OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: 'gzip',
    }
    const { limits, timeoutMs, headers, protocol, compression } = logs(env)
    const expected = { maxBatchItems: 15, intervalMs: 200, maxQueueItems: 20, exportTimeoutMs: 400 }
    assert.deepEqual(limits, expected)
    assert.deepEqual([timeoutMs, headers, protocol, compression], [10_000, { a: 'b' }, 'http/json', 'gzip'])
    assert.deepEqual(traces(env).limits, { intervalMs: 100 })
    assert.deepEqual(logs({}).limits, {})
    assert.equal(logs({ OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: '300' }).timeoutMs, 300)
  })

  it('say what histograms should be', () => {
    const name = 'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION'
    const exponential = 'base2_exponential_bucket_histogram'
    assert.equal(metrics({}).histogramAggregation, 'explicit_bucket_histogram')
    assert.equal(metrics({ [name]: exponential.toUpperCase() }).histogramAggregation, exponential)
    const push = otlp({ histogramAggregation: exponential }).metrics as PushMetrics
    assert.equal(push.histogramAggregation, exponential)
    assert.equal((otlp().metrics as PushMetrics).histogramAggregation, undefined)
  })

  it('take a timeout of 0 for none', () => {
    const none = 2_147_482_647
    assert.equal(traces({ OTEL_EXPORTER_OTLP_TIMEOUT: '0' }).timeoutMs, none)
    assert.equal(traces({ OTEL_BSP_EXPORT_TIMEOUT: '0' }).limits.exportTimeoutMs, Infinity)
    assert.equal(traces({}, { timeoutMs: 0 }).timeoutMs, none)
  })

  it('turn the temporality preference into one of two', () => {
    const env = (preference: string) => ({ OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: preference })
    assert.equal(metrics({}).temporality, 'cumulative')
    assert.equal(metrics(env('DELTA')).temporality, 'delta')
    assert.equal(metrics(env('lowmemory')).temporality, 'delta')
    assert.equal((otlp({ temporality: 'delta' }).metrics as PushMetrics).temporality, 'delta')
  })
})

describe('bad values', () => {
  it('are a warning in the environment, and an error in code', () => {
    const bad: [string, string, string, unknown][] = [
      ['OTEL_EXPORTER_OTLP_ENDPOINT', 'localhost:4318', 'endpoint', 'localhost:4318'],
      ['OTEL_EXPORTER_OTLP_PROTOCOL', 'carrier-pigeon', 'protocol', 'grpc'],
      ['OTEL_EXPORTER_OTLP_COMPRESSION', 'zstd', 'compression', 'zstd'],
      ['OTEL_EXPORTER_OTLP_TIMEOUT', 'soon', 'timeoutMs', -1],
      ['OTEL_EXPORTER_OTLP_HEADERS', 'no equals sign', 'headers', { 'bad name': 'x' }],
      ['OTEL_EXPORTER_OTLP_CERTIFICATE', '/does/not/exist.pem', 'ca', '/does/not/exist.pem'],
    ]
    for (const [variable, text, option, value] of bad) {
      warnings.length = 0
      assert.deepEqual(traces({ [variable]: text }), traces({}), variable)
      assert.equal(warnings.length, 1, variable)
      assert.match(warnings[0] as string, new RegExp(`${variable}.*HASHIRA_OPTION_INVALID`))
      throwsCode('HASHIRA_OPTION_INVALID', () => traces({}, { [option]: value }))
    }
    throwsCode('HASHIRA_OPTION_UNKNOWN', () => otlp({ endPoint: 'http://x' } as object))
  })

  it('say once what to do about grpc', () => {
    warnings.length = 0
    const env = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }
    assert.equal(traces(env).protocol, 'http/protobuf')
    assert.equal(metrics(env).protocol, 'http/protobuf')
    assert.equal(warnings.length, 1)
    assert.match(warnings[0] as string, /grpc.*http\/protobuf.*4318.*HASHIRA_OPTION_INVALID/)
  })

  it('say what port 4317 is, unless grpc was said before', () => {
    const script = `
      const { traceSettings } = require('@hashira/exporter-otlp')
      traceSettings('otlp()', undefined, process.env)
    `
    const run = (env: object) =>
      spawnSync(process.execPath, ['-e', script], {
        cwd: join(__dirname, '..'),
        env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4317', ...env },
        encoding: 'utf8',
      }).stderr.trim()
    assert.match(run({}), /^hashira: .*4317.*gRPC.*4318 \[HASHIRA_OPTION_INVALID\]$/)
    assert.match(run({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }), /^hashira: .*asks for grpc.*4318/)
    assert.equal(run({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }).split('\n').length, 1)
  })
})

const { error: noOpenssl } = spawnSync('openssl', ['version'])
const skip = noOpenssl === undefined ? false : 'openssl, which makes the certificates, is not installed'

describe('certificates', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'hashira-otlp-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  const file = (name: string) => join(folder, name)
  const makePair = (name: string) =>
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
        ...['-keyout', file(`${name}.key`), '-out', file(`${name}.crt`), '-subj', '/CN=localhost'],
      ],
      { stdio: 'pipe' },
    )

  it('are read from files, and given as text', () => {
    makePair('a')
    const [crt, key] = [readFileSync(file('a.crt'), 'utf8'), readFileSync(file('a.key'), 'utf8')]
    const settings = traces({
      OTEL_EXPORTER_OTLP_CERTIFICATE: file('a.crt'),
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: file('a.crt'),
      OTEL_EXPORTER_OTLP_CLIENT_KEY: file('a.key'),
    })
    assert.deepEqual([settings.ca, settings.cert, settings.key], [crt, crt, key])
    assert.equal(traces({}, { ca: crt }).ca, crt)
    assert.equal(traces({}, { ca: file('a.crt') }).ca, crt)
  })

  it('that do not fit are left out with a warning', () => {
    makePair('a')
    makePair('b')
    writeFileSync(file('broken.pem'), '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n')
    warnings.length = 0
    const settings = traces({
      OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: file('broken.pem'),
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: file('a.crt'),
      OTEL_EXPORTER_OTLP_CLIENT_KEY: file('b.key'),
    })
    assert.deepEqual([settings.ca, settings.cert, settings.key], [undefined, undefined, undefined])
    assert.equal(warnings.length, 2)
    assert.ok(!warnings.join().includes('BEGIN'))
  })
})

it('knows its own version', () => {
  const manifest = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8'))
  assert.equal(VERSION, manifest.version)
})

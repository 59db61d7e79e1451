// Mutual TLS into the real collector: Go's TLS on the other side, certificates of an authority of our own.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AttributeList, setDiagnosticSink } from '@hashira/core'
import { createPipeline } from '@hashira/delivery'
import { otlp } from '@hashira/exporter-otlp'
import { filesIn } from './collector/config.mjs'
import { readRecords } from './collector/output.mjs'
import { freePorts } from './free-ports.mjs'
import { given } from './given.mjs'
import { inOwnFolder } from './own-folder.mjs'
import { startServer } from './start-server.mjs'
import { waitFor } from './wait-for.mjs'

const { collector, describe, it, before, after } = given('collector')
const skip = spawnSync('openssl', ['version']).error
  ? 'openssl, which makes the certificates, is not installed'
  : false

const host = '127.0.0.1'
const service = `mtls-${randomBytes(4).toString('hex')}`

describe('a collector that asks for a certificate', { skip }, () => {
  let own

  before(async () => {
    setDiagnosticSink(() => {})
    own = await inOwnFolder('mtls', startWithTls)
  })
  after(async () => {
    setDiagnosticSink(undefined)
    await own?.stop()
  })

  it('takes what comes with one, gzipped', async () => {
    const { certificates } = own
    const account = await send({
      ca: certificates.ca,
      cert: certificates.client,
      key: certificates.clientKey,
      compression: 'gzip',
    })
    assert.deepEqual([account.delivered, account.pending], [1, 0])
    const record = await waitFor('the record', () =>
      readRecords(own.logsFile).find(({ resource }) => resource['service.name'] === service),
    )
    assert.equal(record.body, 'over TLS')
  })

  it('gets nothing without one', async () => {
    const account = await send({ ca: own.certificates.ca })
    assert.equal(account.delivered, 0)
  })

  it('is not trusted without its authority', async () => {
    const account = await send({ cert: own.certificates.client, key: own.certificates.clientKey })
    assert.equal(account.delivered, 0)
  })

  async function send(options) {
    const { logs } = otlp({ endpoint: own.url, ...options })
    const pipeline = createPipeline({
      exporter: 'otlp',
      signal: 'logs',
      transport: logs.transport,
      encoder: logs.createEncoder({ attributes: new AttributeList(['service.name', service]) }),
    })
    pipeline.append({
      timeSeconds: 1_795_411_000,
      timeNanos: 0,
      severityNumber: 9,
      severityText: 'info',
      body: 'over TLS',
      attributes: new AttributeList(),
      traceId: undefined,
      spanId: undefined,
      traceFlags: 0,
      scope: { name: 'by-hand', version: undefined, schemaUrl: undefined },
    })
    await pipeline.shutdown(Date.now() + 3_000)
    return pipeline.account()
  }
})

async function startWithTls(folder) {
  const certificates = certificatesIn(folder)
  const [port] = await freePorts(1, host)
  const { logsFile, collectorLog } = filesIn(folder)
  const tls = {
    cert_file: certificates.server,
    key_file: certificates.serverKey,
    client_ca_file: certificates.ca,
  }
  const config = {
    receivers: { otlp: { protocols: { http: { endpoint: `${host}:${port}`, tls } } } },
    exporters: { 'file/logs': { path: logsFile, flush_interval: '200ms' } },
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: { logs: { receivers: ['otlp'], exporters: ['file/logs'] } },
    },
  }
  const file = join(folder, 'config.yaml')
  writeFileSync(file, JSON.stringify(config))
  const { stop } = await startServer(collector.binary, ['--config', `file:${file}`], {
    log: collectorLog,
    ready: () => readFileSync(collectorLog, 'utf8').includes('Everything is ready'),
  })
  return { url: `https://localhost:${port}`, certificates, logsFile, stop }
}

/** An authority, and certificates that it signed for the server `localhost` and for a client: paths of PEM files. */
function certificatesIn(folder) {
  const path = (name) => join(folder, name)
  const openssl = (...args) => execFileSync('openssl', args, { stdio: 'pipe' })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl('req', '-x509', ...key, '-keyout', path('ca.key'), '-out', path('ca.pem'), '-subj', '/CN=authority')
  const signed = (name, extension) => {
    writeFileSync(path('extension'), extension)
    openssl(
      'req',
      ...key,
      '-keyout',
      path(`${name}.key`),
      '-out',
      path(`${name}.csr`),
      '-subj',
      `/CN=${name}`,
    )
    openssl(
      ...['x509', '-req', '-in', path(`${name}.csr`), '-CA', path('ca.pem'), '-CAkey', path('ca.key')],
      ...['-CAcreateserial', '-days', '2', '-extfile', path('extension'), '-out', path(`${name}.pem`)],
    )
    return path(`${name}.pem`)
  }
  return {
    ca: path('ca.pem'),
    server: signed('server', 'subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n'),
    serverKey: path('server.key'),
    client: signed('client', 'extendedKeyUsage=clientAuth\n'),
    clientKey: path('client.key'),
  }
}

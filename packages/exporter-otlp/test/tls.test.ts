import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { type Batch, type SendResult, setDiagnosticSink, type Transport } from '@hashira/core'
import { createOtlpExporter, logSettings, type OtlpSignal, traceSettings } from '@hashira/exporter-otlp'
import { CLIENT_CERTIFICATE, CLIENT_KEY, SERVER_CERTIFICATE, SERVER_KEY } from './certificates'

const batch: Batch = { bytes: new Uint8Array([0]), itemCount: 1 }

describe('TLS, as the environment sets it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hashira-otlp-tls-'))
  const file = (name: string, text: string) => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }
  const ca = file('ca.pem', SERVER_CERTIFICATE)
  const cert = file('client.pem', CLIENT_CERTIFICATE)
  const key = file('client.key', CLIENT_KEY)
  const clients: (string | undefined)[] = []
  let mutual: Server
  let plain: Server
  const open = async (options: object): Promise<Server> => {
    const server = createServer({ cert: SERVER_CERTIFICATE, key: SERVER_KEY, ...options })
    server.on('request', (request, response) => {
      request.resume()
      clients.push((request.socket as TLSSocket).getPeerCertificate().subject?.CN as string | undefined)
      response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return server
  }
  const transports: Transport[] = []
  before(async () => {
    setDiagnosticSink(() => {})
    plain = await open({})
    mutual = await open({ ca: CLIENT_CERTIFICATE, requestCert: true, rejectUnauthorized: true })
  })
  afterEach(() => {
    for (const transport of transports.splice(0)) transport.close?.()
    clients.length = 0
  })
  after(() => {
    setDiagnosticSink(undefined)
    plain.close()
    mutual.close()
    rmSync(folder, { recursive: true, force: true })
  })

  function send(
    server: Server,
    env: Record<string, string>,
    signal: OtlpSignal = 'traces',
  ): Promise<SendResult> {
    const { port } = server.address() as AddressInfo
    const all = { OTEL_EXPORTER_OTLP_ENDPOINT: `https://localhost:${port}`, ...env }
    const { traces, logs } = createOtlpExporter('otlp', {
      traces: traceSettings('otlp()', undefined, all),
      logs: logSettings('otlp()', undefined, all),
    })
    const transport = (signal === 'logs' ? logs : traces)!.transport
    transports.push(transport)
    return transport.send(batch, new AbortController().signal)
  }

  it('trusts the certificate that is named', async () => {
    assert.deepEqual(await send(plain, { OTEL_EXPORTER_OTLP_CERTIFICATE: ca }), {
      outcome: 'delivered',
      rejected: undefined,
    })
  })

  it('trusts nobody else', async () => {
    for (const env of [{}, { OTEL_EXPORTER_OTLP_CERTIFICATE: cert }]) {
      const result = await send(plain, env)
      assert.deepEqual([result.outcome, 'reason' in result && result.reason], ['retry', 'tls'])
    }
    assert.deepEqual(clients, [])
  })

  it('shows the certificate of the client', async () => {
    const env = {
      OTEL_EXPORTER_OTLP_CERTIFICATE: ca,
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: cert,
      OTEL_EXPORTER_OTLP_CLIENT_KEY: key,
    }
    assert.equal((await send(mutual, env)).outcome, 'delivered')
    assert.deepEqual(clients, ['hashira-client'])
  })

  it('is a matter of each signal', async () => {
    const env = {
      OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE: ca,
      OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE: cert,
      OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY: key,
    }
    assert.equal((await send(mutual, env, 'logs')).outcome, 'delivered')
    assert.equal((await send(mutual, env, 'traces')).outcome, 'retry')
  })

  it('is refused by a server that wants a certificate and gets none', async () => {
    const result = await send(mutual, { OTEL_EXPORTER_OTLP_CERTIFICATE: ca })
    assert.equal(result.outcome, 'retry')
    assert.deepEqual(clients, [])
  })

  it('is not weakened by OTEL_EXPORTER_OTLP_INSECURE, which is for gRPC only', async () => {
    const result = await send(plain, { OTEL_EXPORTER_OTLP_INSECURE: 'true' })
    assert.deepEqual([result.outcome, 'reason' in result && result.reason], ['retry', 'tls'])
  })
})

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import type { SendResult } from '@hashira/core'
import { HttpTransport, type HttpTransportOptions } from '@hashira/delivery'
import { kept, temporaryFolder } from './support/sockets'

const never = new AbortController().signal
const folder = temporaryFolder()
const file = (name: string) => join(folder, name)
const pem = (name: string) => readFileSync(file(name), 'utf8')

/** A private authority and a certificate of it for localhost, by openssl; false where there is none. */
function makeCertificates(): boolean {
  const openssl = (text: string) => execFileSync('openssl', text.split(' '), { stdio: 'ignore' })
  try {
    openssl(
      `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ${file('ca.key')} -out ${file('ca.crt')}`,
    )
    openssl(
      `req -newkey rsa:2048 -nodes -subj /CN=server -keyout ${file('server.key')} -out ${file('server.csr')}`,
    )
    writeFileSync(file('names'), 'subjectAltName=DNS:localhost')
    openssl(
      `x509 -req -in ${file('server.csr')} -CA ${file('ca.crt')} -CAkey ${file('ca.key')} -CAcreateserial -days 2 -extfile ${file('names')} -out ${file('server.crt')}`,
    )
    return true
  } catch {
    return false
  }
}

describe('TLS with a private authority', () => {
  const hasOpenssl = makeCertificates()
  const skip = hasOpenssl ? false : 'no openssl to make certificates with'
  const seen: { servername: unknown; alpn: unknown; isResumed: boolean; bytes: number }[] = []
  let headers: Record<string, string> = {}
  let port = 0
  let connections = 0
  let server: https.Server | undefined

  before(async () => {
    if (!hasOpenssl) return
    server = https.createServer({ key: pem('server.key'), cert: pem('server.crt') }, (request, response) => {
      const socket = request.socket as TLSSocket
      let bytes = 0
      request.on('data', (chunk) => {
        bytes += chunk.length
      })
      request.on('end', () => {
        const { servername, alpnProtocol: alpn } = socket
        seen.push({ servername, alpn, isResumed: socket.isSessionReused(), bytes })
        response.writeHead(200, headers).end('{}')
      })
    })
    server.on('secureConnection', () => {
      connections++
    })
    await new Promise<void>((resolve) => server!.listen(0, 'localhost', resolve))
    port = (server.address() as AddressInfo).port
  })
  after(() => {
    server?.closeAllConnections()
    server?.close()
  })

  function transportTo(host: string, options: Partial<HttpTransportOptions> = {}): HttpTransport {
    return new HttpTransport({
      url: `https://${host}:${port}/x`,
      contentType: 't',
      ca: pem('ca.crt'),
      ...options,
    })
  }

  async function sendOnce(transport: HttpTransport): Promise<SendResult> {
    const result = await kept(() =>
      transport.send({ bytes: Buffer.alloc(1_000_000, 7), itemCount: 1 }, never),
    )
    return result
  }

  test('the name is sent and checked, one connection serves several batches', { skip }, async () => {
    const transport = transportTo('localhost')
    seen.length = connections = 0
    for (let i = 0; i < 3; i++) assert.equal((await sendOnce(transport)).outcome, 'delivered')
    const expected = { servername: 'localhost', alpn: 'http/1.1', isResumed: false, bytes: 1_000_000 }
    assert.deepEqual(seen, [expected, expected, expected])
    assert.equal(connections, 1)
    transport.close()
  })

  test('a new connection goes on with the session of the one before', { skip }, async () => {
    const transport = transportTo('localhost')
    seen.length = connections = 0
    headers = { connection: 'close' }
    for (let i = 0; i < 2; i++) assert.equal((await sendOnce(transport)).outcome, 'delivered')
    headers = {}
    assert.deepEqual(
      seen.map(({ isResumed }) => isResumed),
      [false, true],
    )
    assert.equal(connections, 2)
    transport.close()
  })

  test('another name than the certificate has', { skip }, async () => {
    seen.length = 0
    const transport = transportTo('127.0.0.1')
    const result = await sendOnce(transport)
    assert.equal(result.outcome === 'retry' && result.reason, 'tls')
    assert.match(JSON.stringify(result), /altname|ALTNAME/)
    assert.deepEqual(seen, [])
    transport.close()
  })

  test('an authority that is not trusted: nothing of the batch is sent', { skip }, async () => {
    seen.length = 0
    const transport = transportTo('localhost', { ca: undefined })
    const result = await sendOnce(transport)
    assert.equal(result.outcome === 'retry' && result.reason, 'tls')
    assert.deepEqual(seen, [])
    transport.close()
  })
})

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { SendResult } from '@hashira/core'
import { HttpTransport, type HttpTransportOptions } from '@hashira/delivery'
import { Backend, closedPort, tcpServer } from './support/backend'
import { record, TestEncoder } from './support/encoder'

const never = new AbortController().signal

function batchOf(...names: string[]) {
  const encoder = new TestEncoder()
  for (const name of names) encoder.append(record(name))
  return encoder.take()
}

// The transport itself keeps no process alive (a flush does), so the test has to.
async function send(
  options: Partial<HttpTransportOptions> & { url: string },
  abort = never,
): Promise<SendResult> {
  const transport = new HttpTransport({ contentType: 'application/x-test', ...options })
  const alive = setInterval(() => {}, 1_000)
  try {
    return await transport.send(batchOf('a', 'b'), abort)
  } finally {
    clearInterval(alive)
    transport.close()
  }
}

function retryOf(result: SendResult): SendResult & { outcome: 'retry' } {
  assert.equal(result.outcome, 'retry', JSON.stringify(result))
  return result as SendResult & { outcome: 'retry' }
}

async function answered(
  status: number,
  options: Partial<HttpTransportOptions> = {},
  headers: Record<string, string> = {},
  body: string | Buffer = '',
): Promise<SendResult> {
  const backend = await Backend.start((response) => response.writeHead(status, headers).end(body))
  try {
    return await send({ url: backend.url, ...options })
  } finally {
    await backend.stop()
  }
}

describe('what is sent', () => {
  test('a POST with the type, the headers and the body; the agent name where given', async () => {
    const backend = await Backend.start()
    const url = `${backend.url}?tenant=1`
    const result = await send({ url, headers: { 'X-Key': 'abc' }, userAgent: 'Test/1' })
    assert.deepEqual(result, { outcome: 'delivered', rejected: undefined })
    const [request] = backend.requests
    assert.equal(request!.method, 'POST')
    assert.equal(request!.url, '/v1/traces?tenant=1')
    assert.equal(request!.headers['content-type'], 'application/x-test')
    assert.equal(request!.headers['x-key'], 'abc')
    assert.equal(request!.headers['user-agent'], 'Test/1')
    assert.equal(Number(request!.headers['content-length']), request!.body.length)
    assert.deepEqual(backend.names, ['a', 'b'])
    await backend.stop()
  })

  test('gzip', async () => {
    const backend = await Backend.start()
    await send({ url: backend.url, compression: 'gzip' })
    assert.equal(backend.requests[0]!.headers['content-encoding'], 'gzip')
    assert.deepEqual(backend.names, ['a', 'b'])
    await backend.stop()
  })

  test('credentials in the URL become basic authentication and are shown nowhere', async () => {
    const backend = await Backend.start()
    const url = `http://me:p%40ss@127.0.0.1:${backend.port}/x?api_key=secret#f`
    const transport = new HttpTransport({ url, contentType: 't' })
    assert.equal(transport.destination, `http://127.0.0.1:${backend.port}/x`)
    await send({ url })
    assert.equal(
      backend.requests[0]!.headers.authorization,
      `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
    )
    assert.equal(transport.toRequest(batchOf('a')).url, `http://127.0.0.1:${backend.port}/x?api_key=secret#f`)
    await backend.stop()
  })

  test('sockets are kept and used again', async () => {
    const ports = new Set<number>()
    const backend = await Backend.start((response) => {
      ports.add(response.socket!.remotePort!)
      response.end()
    })
    const transport = new HttpTransport({ url: backend.url, contentType: 't' })
    for (let i = 0; i < 5; i++) await transport.send(batchOf('a'), never)
    assert.equal(ports.size, 1)
    transport.close()
    await backend.stop()
  })
})

describe('answers', () => {
  for (const status of [429, 502, 503, 504])
    test(`${status} may be tried again`, async () => {
      assert.equal(retryOf(await answered(status)).reason, `http_${status}`)
    })

  for (const status of [400, 401, 404, 413, 500, 501])
    test(`${status} is final`, async () => {
      const result = await answered(status, {}, {}, 'because\r\nof this')
      assert.deepEqual(result, { outcome: 'drop', reason: `http_${status}`, message: 'because of this' })
    })

  test('redirects are not followed', async () => {
    const result = await answered(307, {}, { location: 'http://127.0.0.1:1/' })
    assert.equal(result.outcome === 'drop' && result.reason, 'http_307')
  })

  test('further statuses to try again on', async () => {
    assert.equal(retryOf(await answered(500, { retryableStatuses: [500] })).reason, 'http_500')
  })

  test('Retry-After in seconds and as a date', async () => {
    assert.equal(retryOf(await answered(503, {}, { 'retry-after': '7' })).afterMs, 7_000)
    const date = new Date(Date.now() + 60_000).toUTCString()
    const { afterMs } = retryOf(await answered(429, {}, { 'retry-after': date }))
    assert.ok(afterMs! > 50_000 && afterMs! <= 60_000, String(afterMs))
    assert.equal(retryOf(await answered(429, {}, { 'retry-after': 'soon' })).afterMs, undefined)
  })

  test('partial success', async () => {
    const interpretResponse = (_status: number, body: Uint8Array) => ({
      itemCount: Number(Buffer.from(body).toString()),
      message: 'too old',
    })
    const result = await answered(200, { interpretResponse }, {}, '1')
    assert.deepEqual(result, { outcome: 'delivered', rejected: { itemCount: 1, message: 'too old' } })
  })

  test('a hook that throws changes nothing', async () => {
    const interpretResponse = () => {
      throw new Error('no')
    }
    assert.equal((await answered(200, { interpretResponse })).outcome, 'delivered')
  })

  test('an answer that repeats a secret', async () => {
    const result = await answered(403, { headers: { 'x-key': 'topsecretkey' } }, {}, 'bad key topsecretkey')
    assert.equal(result.outcome === 'drop' && result.message, 'bad key REDACTED')
  })

  for (const status of [200, 503])
    test(`100 MB of answer with ${status} are not read`, async () => {
      let written = 0
      const backend = await Backend.start((response) => {
        const chunk = Buffer.alloc(1024 * 1024)
        response.writeHead(status)
        const more = () => {
          while (written < 100 && response.writable) {
            written++
            if (!response.write(chunk)) {
              response.once('drain', more)
              return
            }
          }
          response.end()
        }
        more()
      })
      const before = process.memoryUsage().arrayBuffers
      const result = await send({ url: backend.url })
      assert.equal(result.outcome, status === 200 ? 'delivered' : 'retry')
      assert.ok(process.memoryUsage().arrayBuffers - before < 40 * 1024 * 1024)
      assert.ok(written < 60, `${written} MB written`)
      await backend.stop()
    })
})

for (const [status, outcome] of [
  [200, 'delivered'],
  [400, 'drop'],
  [503, 'retry'],
] as const)
  test(`an answer with ${status} that never ends counts by its status`, async () => {
    const backend = await Backend.start((response) => response.writeHead(status).write('some'))
    assert.equal((await send({ url: backend.url, timeoutMs: 200 })).outcome, outcome)
    await backend.stop()
  })

describe('failures', () => {
  test('a closed port', async () => {
    const result = retryOf(await send({ url: `http://127.0.0.1:${await closedPort()}/` }))
    assert.equal(result.reason, 'connection')
    assert.match(result.message!, /ECONNREFUSED/)
  })

  test('a name that does not exist', async () => {
    const result = retryOf(await send({ url: 'http://does-not-exist.invalid/' }))
    assert.equal(result.reason, 'dns')
    assert.match(result.message!, /does-not-exist\.invalid/)
  })

  test('no answer in time, after everything was sent', async () => {
    const backend = await Backend.start(() => {})
    const result = retryOf(await send({ url: backend.url, timeoutMs: 100 }))
    assert.equal(result.reason, 'timeout_after_send')
    await backend.stop()
  })

  test('no time to send everything', async () => {
    const server = await tcpServer((socket) => socket.pause())
    const transport = new HttpTransport({
      url: `http://127.0.0.1:${server.port}/`,
      contentType: 't',
      timeoutMs: 200,
    })
    const alive = setInterval(() => {}, 1_000)
    const result = await transport.send({ bytes: Buffer.alloc(64 * 1024 * 1024), itemCount: 1 }, never)
    clearInterval(alive)
    assert.equal(retryOf(result).reason, 'timeout')
    server.stop()
  })

  test('an abort says whether everything was sent', async () => {
    const controller = new AbortController()
    const backend = await Backend.start(() => controller.abort())
    assert.equal(retryOf(await send({ url: backend.url }, controller.signal)).reason, 'timeout_after_send')
    assert.equal(retryOf(await send({ url: backend.url }, AbortSignal.abort())).reason, 'timeout')
    await backend.stop()
  })

  test('a reset in the middle of the answer', async () => {
    const server = await tcpServer((socket) =>
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf')
        setTimeout(() => socket.resetAndDestroy(), 20)
      }),
    )
    const result = retryOf(await send({ url: `http://127.0.0.1:${server.port}/` }))
    assert.equal(result.reason, 'connection_reset')
    server.stop()
  })

  test('something that does not speak HTTP', async () => {
    const server = await tcpServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n'))
    assert.equal(retryOf(await send({ url: `http://127.0.0.1:${server.port}/` })).reason, 'not_http')
    server.stop()
  })

  test('a kept socket that the backend has closed is no failure', async () => {
    // Answers the first request of a connection and resets it at the second: what a race with an idle timeout looks like.
    const requests: number[] = []
    const server = await tcpServer((socket) => {
      let seen = 0
      socket.on('data', () => {
        requests.push(++seen)
        if (seen === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
        else socket.resetAndDestroy()
      })
    })
    const transport = new HttpTransport({ url: `http://127.0.0.1:${server.port}/`, contentType: 't' })
    const alive = setInterval(() => {}, 1_000)
    assert.equal((await transport.send({ bytes: Buffer.alloc(0), itemCount: 1 }, never)).outcome, 'delivered')
    assert.equal((await transport.send({ bytes: Buffer.alloc(0), itemCount: 1 }, never)).outcome, 'delivered')
    assert.deepEqual(requests, [1, 2, 1])
    clearInterval(alive)
    transport.close()
    server.stop()
  })

  test('a header that HTTP forbids', async () => {
    const result = await send({ url: 'http://127.0.0.1:1/', headers: { 'x-a': 'line\nbreak' } })
    assert.equal(result.outcome === 'drop' && result.reason, 'request_invalid')
  })

  for (const url of ['nothing', '/v1/traces', 'ftp://host/', 'http://user:hunter22@'])
    test(`the URL ${url} is refused`, () => {
      assert.throws(
        () => new HttpTransport({ url, contentType: 't' }),
        (error: { code: string; message: string }) =>
          error.code === 'HASHIRA_OPTION_INVALID' && !error.message.includes('hunter22'),
      )
    })
})

describe('TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hashira-tls-'))
  const file = (name: string) => join(folder, name)
  const pem = (name: string) => readFileSync(file(name), 'utf8')
  let hasOpenssl = true
  let server: https.Server
  let port = 0

  before(async () => {
    try {
      for (const name of ['server', 'client'])
        execFileSync(
          'openssl',
          `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=${name} -addext subjectAltName=IP:127.0.0.1 -keyout ${file(`${name}.key`)} -out ${file(`${name}.crt`)}`.split(
            ' ',
          ),
          { stdio: 'ignore' },
        )
    } catch {
      hasOpenssl = false
      return
    }
    server = https.createServer(
      {
        key: pem('server.key'),
        cert: pem('server.crt'),
        ca: pem('client.crt'),
        requestCert: true,
        rejectUnauthorized: false,
      },
      (request, response) => {
        request.resume()
        response.writeHead((request.socket as import('node:tls').TLSSocket).authorized ? 200 : 401).end()
      },
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    port = (server.address() as AddressInfo).port
  })

  after(() => {
    rmSync(folder, { recursive: true })
    server?.closeAllConnections()
    server?.close()
  })

  test('an unknown certificate', async (t) => {
    if (!hasOpenssl) return t.skip('no openssl to make a certificate with')
    const result = retryOf(await send({ url: `https://127.0.0.1:${port}/` }))
    assert.equal(result.reason, 'tls')
    assert.match(result.message!, /self.signed certificate/)
  })

  test('a trusted one, and a client certificate', async (t) => {
    if (!hasOpenssl) return t.skip('no openssl to make a certificate with')
    const url = `https://127.0.0.1:${port}/`
    const ca = pem('server.crt')
    const result = await send({ url, ca, cert: pem('client.crt'), key: pem('client.key') })
    assert.equal(result.outcome, 'delivered')
    const without = await send({ url, ca })
    assert.equal(without.outcome === 'drop' && without.reason, 'http_401')
  })

  test('a port without TLS', async () => {
    const backend = await Backend.start()
    const result = retryOf(await send({ url: backend.url.replace('http:', 'https:') }))
    assert.equal(result.reason, 'tls')
    await backend.stop()
  })

  test('a text that is no PEM is refused at once', () => {
    assert.throws(
      () => new HttpTransport({ url: 'https://localhost/', contentType: 't', ca: 'x', cert: 'y', key: 'z' }),
      {
        code: 'HASHIRA_OPTION_INVALID',
      },
    )
  })
})

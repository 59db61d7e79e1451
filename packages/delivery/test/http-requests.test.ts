import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import type { HttpRequest, SendResult } from '@hashira/core'
import { HttpTransport, type HttpTransportOptions } from '@hashira/delivery'
import { Backend } from './support/backend'
import { record, TestEncoder } from './support/encoder'
import { kept, temporaryFolder } from './support/sockets'

const never = new AbortController().signal
const encoder = new TestEncoder()
encoder.append(record('a'))
encoder.append(record('b'))
const batch = encoder.take()
const text = batch.bytes.toString()

function transportTo(url: string, options: Partial<HttpTransportOptions> = {}): HttpTransport {
  return new HttpTransport({ url, contentType: 'application/x-test', ...options })
}

async function send(transport: HttpTransport, abort = never): Promise<SendResult> {
  try {
    return await kept(() => transport.send(batch, abort))
  } finally {
    transport.close()
  }
}

describe('unix sockets', () => {
  test('the request goes to the socket; the destination names it', async () => {
    const socketPath = join(temporaryFolder(), 'apm.socket')
    const urls: string[] = []
    const server = http.createServer((request, response) => {
      urls.push(request.url!)
      request.resume().on('end', () => response.end())
    })
    await once(server.listen(socketPath), 'listening')
    const transport = transportTo('http://localhost/v0.4/traces?key=hidden', { socketPath })
    assert.equal(transport.destination, `unix://${socketPath}/v0.4/traces`)
    assert.equal((await send(transport)).outcome, 'delivered')
    assert.deepEqual(urls, ['/v0.4/traces?key=hidden'])
    assert.equal(transport.toRequest(batch).socketPath, socketPath)
    server.close()
    server.closeAllConnections()
  })

  test('a socket that is not there is tried again', async () => {
    const socketPath = join(temporaryFolder(), 'none.socket')
    const result = await send(transportTo('http://localhost/', { socketPath }))
    assert.deepEqual([result.outcome, (result as { reason: string }).reason], ['retry', 'connection'])
  })
})

describe('headers of a batch', () => {
  test('are added to the fixed ones, and are part of the request at exit', async () => {
    const backend = await Backend.start()
    const transport = transportTo(backend.url, {
      headers: { 'X-Key': 'k' },
      headersOf: ({ itemCount }) => ({ 'X-Count': String(itemCount) }),
    })
    await send(transport)
    const { headers } = backend.requests[0]!
    assert.deepEqual([headers['x-key'], headers['x-count']], ['k', '2'])
    assert.equal(transport.toRequest(batch).headers['x-count'], '2')
    await backend.stop()
  })

  test('a function that throws makes the batch a drop', async () => {
    const transport = transportTo('http://127.0.0.1:1/', {
      headersOf: () => {
        throw new Error('no headers')
      },
    })
    assert.deepEqual(await send(transport), {
      outcome: 'drop',
      reason: 'request_invalid',
      message: 'no headers',
    })
  })
})

describe('signing', () => {
  test('sees the final body and headers, and its headers are sent', async () => {
    const backend = await Backend.start()
    const seen: HttpRequest[] = []
    const transport = transportTo(backend.url, {
      compression: 'gzip',
      sign: async (request) => {
        seen.push(request)
        return { authorization: `signed ${seen.length}` }
      },
    })
    await send(transport)
    await send(transport)
    assert.deepEqual(
      backend.requests.map(({ headers }) => headers.authorization),
      ['signed 1', 'signed 2'],
    )
    assert.deepEqual([seen[0]!.method, seen[0]!.url], ['POST', backend.url])
    assert.equal(seen[0]!.headers['content-encoding'], 'gzip')
    assert.equal(gunzipSync(seen[0]!.body).toString(), text)
    await backend.stop()
  })

  test('a rejection is tried again, and shows no secret', async () => {
    const transport = transportTo('http://127.0.0.1:1/', {
      headers: { 'x-api-key': 'a-very-secret-key' },
      sign: async () => Promise.reject(new Error('no credentials for a-very-secret-key')),
    })
    assert.deepEqual(await send(transport), {
      outcome: 'retry',
      reason: 'signing',
      message: 'no credentials for REDACTED',
    })
  })

  test('an answer that repeats the signature does not bring it into a message', async () => {
    const backend = await Backend.start((response) =>
      response.writeHead(403).end('not signature-of-this but that'),
    )
    const transport = transportTo(backend.url, { sign: async () => ({ authorization: 'signature-of-this' }) })
    const result = await send(transport)
    assert.deepEqual(result, { outcome: 'drop', reason: 'http_403', message: 'not REDACTED but that' })
    await backend.stop()
  })

  test('a header that HTTP forbids is no failure to sign: the batch is a drop', async () => {
    const transport = transportTo('http://127.0.0.1:1/', {
      sign: async () => ({ authorization: 'line\nbreak' }),
    })
    const result = await send(transport)
    assert.deepEqual([result.outcome, (result as { reason: string }).reason], ['drop', 'request_invalid'])
  })

  test('a signer that never answers costs the time limit', async () => {
    const transport = transportTo('http://127.0.0.1:1/', { timeoutMs: 50, sign: () => new Promise(() => {}) })
    const result = await send(transport)
    assert.deepEqual([result.outcome, (result as { reason: string }).reason], ['retry', 'signing'])
  })

  test('at exit a batch that was tried goes with its latest signature, one that was not has no request', async () => {
    const backend = await Backend.start((response) => response.writeHead(503).end())
    const transport = transportTo(backend.url, {
      compression: 'gzip',
      sign: async () => ({ authorization: 'signed' }),
    })
    assert.throws(() => transport.toRequest(batch), /not signed/)
    await send(transport)
    const { headers, body } = transport.toRequest(batch)
    assert.deepEqual([headers['authorization'], headers['content-encoding']], ['signed', 'gzip'])
    assert.equal(gunzipSync(body).toString(), text)
    await backend.stop()
  })
})

describe('reading answers', () => {
  const answered = async (status: number, options: Partial<HttpTransportOptions>, body = 'text') => {
    const backend = await Backend.start((response) =>
      response.writeHead(status, { 'x-written': '7', 'retry-after': '3' }).end(body),
    )
    try {
      return await send(transportTo(backend.url, options))
    } finally {
      await backend.stop()
    }
  }

  test('the exporter sees status, body and headers, and may decide what becomes of the batch', async () => {
    const seen: unknown[] = []
    const result = await answered(200, {
      interpretResponse: (status, body, headers) => {
        seen.push(status, Buffer.from(body).toString(), headers['x-written'])
        return { outcome: 'drop', reason: 'agent_says_no' }
      },
    })
    assert.deepEqual(seen, [200, 'text', '7'])
    assert.deepEqual(result, { outcome: 'drop', reason: 'agent_says_no' })
  })

  test('other statuses only when it asks for them', async () => {
    const interpretResponse = () => ({ outcome: 'retry', reason: 'busy' }) as const
    assert.equal((await answered(400, { interpretResponse })).outcome, 'drop')
    // Retry-After counts unless it says otherwise.
    assert.deepEqual(await answered(400, { interpretResponse, interpretEveryStatus: true }), {
      outcome: 'retry',
      reason: 'busy',
      afterMs: 3_000,
    })
  })

  test('a 400 that took a part of the batch', async () => {
    const result = await answered(400, {
      interpretEveryStatus: true,
      interpretResponse: (status) => (status === 400 ? { itemCount: 1, message: 'too old' } : undefined),
    })
    assert.deepEqual(result, { outcome: 'delivered', rejected: { itemCount: 1, message: 'too old' } })
  })

  test('undefined, and a function that throws, leave it to the status', async () => {
    for (const interpretResponse of [
      () => undefined,
      () => {
        throw new Error('unreadable')
      },
    ]) {
      assert.equal(
        (await answered(200, { interpretResponse, interpretEveryStatus: true })).outcome,
        'delivered',
      )
      assert.equal((await answered(400, { interpretResponse, interpretEveryStatus: true })).outcome, 'drop')
    }
  })

  test('no message repeats a secret, whoever says it', async () => {
    const secret = 'a-very-secret-key'
    const headers = { 'x-api-key': secret }
    const partial = await answered(200, {
      headers,
      interpretResponse: () => ({ itemCount: 1, message: `key ${secret}` }),
    })
    const refused = await answered(400, { headers }, `${'x'.repeat(190)} ${secret}`)
    const text = JSON.stringify([partial, refused])
    assert.ok(!text.includes('secret'), text)
  })
})

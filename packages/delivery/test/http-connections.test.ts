import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import http from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { describe, test } from 'node:test'
import type { SendResult } from '@hashira/core'
import { HttpClient, HttpTransport, type HttpTransportOptions } from '@hashira/delivery'
import { tcpServer } from './support/backend'
import { until } from './support/checks'
import { type RawRequest, rawBackend } from './support/raw-http'
import { kept } from './support/sockets'

const never = new AbortController().signal
const batch = { bytes: Buffer.from('some bytes'), itemCount: 1 }
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n'
const WHOLE = `${OK}\r\nok`

function transportTo(url: string, options: Partial<HttpTransportOptions> = {}): HttpTransport {
  return new HttpTransport({ url, contentType: 't', ...options })
}

/** Sends a batch `times` times, one after the other, and says the number of the connection that each came over. */
async function connectionsOf(
  times: number,
  answer: (socket: Socket, request: RawRequest, nthOfConnection: number) => void,
  between: (nth: number) => Promise<void> | void = () => {},
): Promise<number[]> {
  const backend = await rawBackend(answer)
  const transport = transportTo(backend.url)
  await kept(async () => {
    for (let i = 0; i < times; i++) {
      const result = await transport.send(batch, never)
      assert.equal(result.outcome, 'delivered', JSON.stringify(result))
      await between(i)
    }
  })
  transport.close()
  backend.stop()
  return backend.requests.map(({ connection }) => connection)
}

describe('which connections are used again', () => {
  const cases: readonly [string, string, number[]][] = [
    ['one without a word about it', WHOLE, [1, 1]],
    ['not after `close`', `${OK}Connection: foo, Close\r\n\r\nok`, [1, 2]],
    ['of HTTP/1.0 not', `HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok`, [1, 2]],
    [
      'of HTTP/1.0 with keep-alive',
      `HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok`,
      [1, 1],
    ],
    ['not when the backend closes within a second', `${OK}Keep-Alive: timeout=1, max=5\r\n\r\nok`, [1, 2]],
    ['when it waits for a minute', `${OK}Keep-Alive: max=5, timeout=60\r\n\r\nok`, [1, 1]],
    ['not when more came than was asked for', `${WHOLE}HTTP/1.1 200 OK\r\n\r\n`, [1, 2]],
    ['not when it is framed in two ways', `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, [1, 2]],
    ['after chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n', [1, 1]],
    ['after 204', 'HTTP/1.1 204 No Content\r\n\r\n', [1, 1]],
    [
      'after interim answers',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nlink: x\r\n\r\n${WHOLE}`,
      [1, 1],
    ],
  ]
  for (const [name, answer, connections] of cases)
    test(name, async () => {
      assert.deepEqual(await connectionsOf(2, (socket) => socket.write(answer)), connections)
    })

  test('not after a body that ends with the connection', async () => {
    assert.deepEqual(await connectionsOf(2, (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nok')), [1, 2])
  })

  for (const [name, spoil] of [
    ['says something unasked', (socket: Socket) => socket.write('HTTP/1.1 408 Request Timeout\r\n\r\n')],
    ['ends', (socket: Socket) => socket.end()],
    ['breaks', (socket: Socket) => socket.resetAndDestroy()],
  ] as const)
    test(`not one that ${name} while it is idle`, async () => {
      let idle: Socket | undefined
      let closed = false
      const answer = (socket: Socket) => {
        socket.write(WHOLE)
        idle ??= socket.on('close', () => {
          closed = true
        })
      }
      const spoilt = async (nth: number) => {
        if (nth > 0) return
        spoil(idle!)
        await until(() => closed)
      }
      assert.deepEqual(await connectionsOf(2, answer, spoilt), [1, 2])
    })

  test('one that ends, or is reset, as soon as it is used again is no failure', async () => {
    for (const end of [(socket: Socket) => socket.end(), (socket: Socket) => socket.resetAndDestroy()]) {
      const answer = (socket: Socket, _: RawRequest, nth: number) =>
        nth === 0 ? socket.write(WHOLE) : end(socket)
      assert.deepEqual(await connectionsOf(2, answer), [1, 1, 2])
    }
  })

  test('a new one that ends without an answer is a failure', async () => {
    const backend = await rawBackend((socket) => socket.end())
    const transport = transportTo(backend.url)
    const result = await kept(() => transport.send(batch, never))
    assert.deepEqual(reasonOf(result), 'connection_reset')
    assert.equal(backend.requests.length, 1)
    transport.close()
  })

  test('at most four are kept, the latest is used first', async () => {
    const waiting: Socket[] = []
    let isGathering = true
    const backend = await rawBackend((socket) => {
      if (!isGathering) socket.write(WHOLE)
      else if (waiting.push(socket) === 6) for (const one of waiting) one.write(WHOLE)
    })
    const transport = transportTo(backend.url)
    await kept(async () => {
      await Promise.all(Array.from({ length: 6 }, () => transport.send(batch, never)))
      assert.equal(backend.connections(), 6)
      isGathering = false
      await until(() => waiting.filter(({ destroyed }) => destroyed).length === 2)
      for (let i = 0; i < 3; i++) await transport.send(batch, never)
    })
    assert.equal(backend.connections(), 6)
    assert.equal(new Set(backend.requests.slice(6).map(({ connection }) => connection)).size, 1)
    transport.close()
    await until(() => waiting.every(({ destroyed }) => destroyed))
  })
})

describe('answers that do not wait', () => {
  for (const status of [401, 413])
    test(`${status} before the body was read counts`, async () => {
      const server = await tcpServer((socket) => {
        socket.once('data', () => {
          socket.pause()
          socket.write(`HTTP/1.1 ${status} No\r\nContent-Length: 3\r\n\r\nno!`)
        })
      })
      const transport = transportTo(`http://127.0.0.1:${server.port}/`)
      const large = { bytes: Buffer.alloc(64 * 1024 * 1024), itemCount: 1 }
      const result = await kept(() => transport.send(large, never))
      assert.deepEqual(result, { outcome: 'drop', reason: `http_${status}`, message: 'no!' })
      transport.close()
      server.stop()
    })

  const cutOff: readonly [string, string][] = [
    ['in the head', 'HTTP/1.1 200 OK\r\nContent-'],
    ['in the body', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell'],
    ['in a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhell'],
    ['before the last chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
    ['after an interim answer', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ]
  for (const [name, bytes] of cutOff)
    test(`cut off ${name}`, async () => {
      const backend = await rawBackend((socket) => socket.end(bytes))
      const transport = transportTo(backend.url)
      assert.equal(reasonOf(await kept(() => transport.send(batch, never))), 'connection_reset')
      assert.equal(backend.requests.length, 1)
      transport.close()
    })

  test('close() ends an exchange that is under way', async () => {
    const transport = transportTo((await rawBackend(() => transport.close())).url)
    assert.equal(reasonOf(await kept(() => transport.send(batch, never))), 'connection_reset')
  })

  test('an abort between two exchanges leaves the kept connection alone', async () => {
    const backend = await rawBackend((socket) => socket.write(WHOLE))
    const transport = transportTo(backend.url)
    await kept(async () => {
      const controller = new AbortController()
      await transport.send(batch, controller.signal)
      controller.abort()
      assert.equal(reasonOf(await transport.send(batch, controller.signal)), 'timeout')
      await transport.send(batch, never)
    })
    assert.deepEqual(
      backend.requests.map(({ connection }) => connection),
      [1, 1],
    )
    transport.close()
  })
})

describe('requests', () => {
  async function headOf(path: string, options: Partial<HttpTransportOptions>): Promise<string[]> {
    const backend = await rawBackend((socket) => socket.write(WHOLE))
    const transport = transportTo(backend.url + path, options)
    const result = await kept(() => transport.send(batch, never))
    transport.close()
    assert.equal(result.outcome, 'delivered', JSON.stringify(result))
    assert.equal(backend.requests[0]!.body, 'some bytes')
    return backend.requests[0]!.head.replace(String(backend.port), 'PORT').split('\r\n').sort()
  }

  test('are what RFC 9112 wants, and nothing else', async () => {
    assert.deepEqual(await headOf('a/b?c=d%20e#f', { headers: { 'X-A': 'é\t1' } }), [
      'POST /a/b?c=d%20e HTTP/1.1',
      'connection: keep-alive',
      'content-length: 10',
      'content-type: t',
      'host: 127.0.0.1:PORT',
      'x-a: é\t1',
    ])
  })

  test('what belongs to the connection is ours to say; Host may be given', async () => {
    const headers = {
      'Content-Length': '3',
      Connection: 'close',
      Expect: '100-continue',
      'Transfer-Encoding': 'x',
    }
    assert.deepEqual(await headOf('', { method: 'PUT', headers: { ...headers, Host: 'other.example' } }), [
      'PUT / HTTP/1.1',
      'connection: keep-alive',
      'content-length: 10',
      'content-type: t',
      'host: other.example',
    ])
  })

  const forbidden: readonly [string, Partial<HttpTransportOptions>][] = [
    ['a value beyond Latin-1', { headers: { 'x-a': 'secret ł' } }],
    ['a value with CR and LF', { headers: { 'x-a': 'secret\r\nx-b: c' } }],
    ['no value', { headersOf: () => ({ 'x-a': undefined as unknown as string }) }],
    ['a name with a space', { headers: { 'x a': 'secret' } }],
    ['a name with a colon', { headers: { 'x:a': 'secret' } }],
    ['a method with a space', { method: 'POST /other' }],
  ]
  for (const [name, options] of forbidden)
    test(`${name} is refused before anything is sent`, async () => {
      const backend = await rawBackend((socket) => socket.write(WHOLE))
      const transport = transportTo(backend.url, options)
      const result = await kept(() => transport.send(batch, never))
      assert.equal(reasonOf(result), 'request_invalid')
      assert.ok(!JSON.stringify(result).includes('secret'))
      assert.equal(backend.connections(), 0)
    })

  test('an IPv6 host stands in brackets', async (t) => {
    const server = http.createServer((request, response) => response.end(request.headers.host))
    const failed = await new Promise((resolve) =>
      server.once('error', resolve).listen(0, '::1', () => resolve(undefined)),
    )
    if (failed) return t.skip('no IPv6 here')
    const { port } = server.address() as AddressInfo
    const client = new HttpClient()
    const { body } = await kept(() => client.request({ url: `http://[::1]:${port}/` }))
    assert.equal(body.toString(), `[::1]:${port}`)
    client.close()
    server.close()
  })

  test('a client that only asks says no length; credentials in its URL become a header', async () => {
    const backend = await rawBackend((socket) => socket.write(WHOLE))
    const client = new HttpClient()
    const url = backend.url.replace('//', '//me:p%40ss@')
    await kept(() => client.request({ url }))
    await kept(() => client.request({ url, method: 'PUT' }))
    const [get, put] = backend.requests
    assert.doesNotMatch(get!.head, /content-length/)
    assert.match(
      get!.head,
      new RegExp(`\r\nauthorization: Basic ${Buffer.from('me:p@ss').toString('base64')}`),
    )
    assert.match(put!.head, /\r\ncontent-length: 0/)
    assert.equal(put!.connection, 1)
    client.close()
  })
})

test('nothing of the app is told of it, and nothing of a request stays with the connection', async () => {
  const backend = await rawBackend((socket) => socket.write(WHOLE))
  const seen: string[] = []
  const channels = ['created', 'start', 'error'].map((name) => `http.client.request.${name}`)
  const listen = (_: unknown, name: string | symbol) => seen.push(String(name))
  for (const name of channels) subscribe(name, listen)
  const storage = new AsyncLocalStorage<object>()
  const sockets: Socket[] = []
  const take = (message: unknown) => sockets.push((message as { socket: Socket }).socket)
  subscribe('net.client.socket', take)
  const transport = transportTo(backend.url)
  await kept(() => storage.run({ request: 1 }, () => transport.send(batch, never)))
  unsubscribe('net.client.socket', take)
  let store: unknown = 'not told'
  sockets[0]!.once('data', () => {
    store = storage.getStore()
  })
  await kept(() => storage.run({ request: 2 }, () => transport.send(batch, never)))
  assert.equal(store, undefined)
  assert.deepEqual(seen, [])
  for (const name of channels) unsubscribe(name, listen)
  transport.close()
})

function reasonOf(result: SendResult): string | undefined {
  return result.outcome === 'delivered' ? 'delivered' : result.reason
}

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { after, afterEach, before, describe, test } from 'node:test'
import { operationOf } from '@hashira/core'
import { instrumentServers, operationOn } from '@hashira/http'
import { WebSocket, WebSocketServer } from 'ws'
import { ask, close, connectTo, listen } from '../support/client'
import { activeRequests, type RecordedSpan, type Recording, recordSpans, until } from '../support/recorded'

let recording: Recording
let stop: () => void
const servers: Server[] = []

before(() => {
  recording = recordSpans()
  stop = instrumentServers()
})
afterEach(async () => {
  await Promise.all(servers.splice(0).map(close))
  recording.spans.length = 0
  assert.equal(await activeRequests(), 0)
})
after(() => {
  stop()
  recording.stop()
})

function open(): Server {
  const server = createServer((_, response) => response.end('plain'))
  servers.push(server)
  return server
}

async function onlySpan(): Promise<RecordedSpan> {
  await until(() => recording.spans.length > 0)
  assert.equal(recording.spans.length, 1)
  return recording.spans[0] as RecordedSpan
}

const HANDSHAKE = 'GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'

describe('an upgrade', () => {
  /** A conversation with a websocket server; returns what is on its socket once the handshake is done. */
  async function converse(): Promise<{ listeners: number; own: string[] }> {
    const server = open()
    const wss = new WebSocketServer({ noServer: true })
    const seen = { listeners: 0, own: [] as string[] }
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      assert.equal(operationOf(), operationOn(request))
      operationOn(request)?.setRoute('/ws')
      wss.handleUpgrade(request, socket, head, (client) => {
        seen.listeners = socket.listenerCount('close')
        seen.own = ['write', 'end'].filter((name) => Object.hasOwn(socket, name))
        client.on('message', (data) => client.send(`echo ${data}`))
      })
    })
    const client = new WebSocket(`ws://127.0.0.1:${await listen(server)}/ws`)
    await once(client, 'open')
    client.send('hello')
    assert.equal(String((await once(client, 'message'))[0]), 'echo hello')
    client.terminate()
    return seen
  }

  test('of a websocket library is 101, leaves nothing on the socket, and the connection works', async () => {
    const observed = await converse()
    const span = await onlySpan()
    assert.equal(span.name, 'GET /ws')
    assert.equal(span.attributes['http.response.status_code'], 101)
    assert.equal(span.attributes['error.type'], undefined)
    stop()
    assert.deepEqual(observed, await converse())
    stop = instrumentServers()
  })

  test('on a connection that has answered requests before is its own request', async () => {
    const server = open()
    server.on('upgrade', (_, socket: Duplex) => {
      setTimeout(() => socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n'), 20)
    })
    const socket = await connectTo(await listen(server))
    socket.write('GET /first HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(socket, 'data')
    socket.write(HANDSHAKE)
    await until(() => recording.spans.length === 2)
    const [, refused] = recording.spans
    assert.equal(refused?.attributes['http.response.status_code'], 403)
    assert.equal(refused?.attributes['error.type'], undefined)
    assert.ok((refused?.durationSeconds as number) > 0.015)
  })

  test('that nobody answers is aborted when the client leaves', async () => {
    const server = open()
    let seen = false
    server.on('upgrade', (_, socket: Duplex) => {
      seen = true
      socket.resume().on('end', () => socket.end())
    })
    const socket = await connectTo(await listen(server))
    socket.write(HANDSHAKE)
    await until(() => seen)
    socket.destroy()
    const span = await onlySpan()
    assert.equal(span.attributes['error.type'], 'aborted')
    assert.equal(span.attributes['http.response.status_code'], undefined)
  })

  test('to a server that takes none is an ordinary request', async () => {
    const port = await listen(open())
    const socket = await connectTo(port)
    socket.write(HANDSHAKE)
    assert.equal((await onlySpan()).attributes['http.response.status_code'], 200)
    socket.destroy()
    const agent = new Agent({ keepAlive: true })
    await ask(port, '/', { agent })
    agent.destroy()
    await until(() => recording.spans.length === 2)
  })
})

test('CONNECT is over when the tunnel stands, not when it ends', async () => {
  const server = open()
  server.on('connect', (_, socket: Duplex) => {
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    socket.on('data', (chunk) => socket.write(chunk))
    socket.on('end', () => socket.end())
  })
  const client = await connectTo(await listen(server))
  client.write('CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n')
  await once(client, 'data')
  const span = await onlySpan()
  assert.equal(span.name, 'CONNECT')
  assert.equal(span.attributes['http.response.status_code'], 200)
  assert.equal(span.attributes['server.port'], 443)
  client.write('through')
  assert.equal(String((await once(client, 'data'))[0]), 'through')
  client.destroy()
})

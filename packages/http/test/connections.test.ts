import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, ServerResponse } from 'node:http'
import { connect, createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, before, describe, test } from 'node:test'
import { rootContext, runInContext, suppressTracing } from '@hashira/core'
import { createServerObserver, operationOn } from '@hashira/http'
import { WebSocketServer } from 'ws'
import { connectTo, listen } from './support/client'
import { activeRequests, type Recording, recordSpans, until } from './support/recorded'

let recording: Recording
const observer = createServerObserver('observe()')

before(() => {
  recording = recordSpans()
})
afterEach(async () => {
  recording.spans.length = 0
  assert.equal(await activeRequests(), 0)
})

function begin(request: IncomingMessage, response: ServerResponse, handler: () => void): void {
  runInContext(observer.begin(request, response, request, response, request.url as string), handler)
}

const HANDSHAKE =
  'GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'

describe('an upgrade', () => {
  async function upgraded(
    onUpgrade: (request: IncomingMessage, socket: Socket, head: Buffer) => void,
    text = HANDSHAKE,
  ) {
    const server = createServer()
    server.on('upgrade', onUpgrade)
    const port = await listen(server)
    const client = await connectTo(port)
    client.write(text)
    await once(client, 'data')
    await until(() => recording.spans.length === 1)
    const span = recording.spans[0]
    client.destroy()
    server.close()
    return span
  }

  test('whose response has the socket ends with the handshake that is written past it', async () => {
    const wss = new WebSocketServer({ noServer: true })
    let own: string[] = []
    const span = await upgraded((request, socket, head) => {
      const response = new ServerResponse(request)
      response.assignSocket(socket)
      begin(request, response, () => {
        operationOn(request)?.setRoute('/ws')
        wss.handleUpgrade(request, socket, head, () => {
          own = ['write', 'end'].filter((name) => Object.hasOwn(socket, name))
        })
      })
    })
    assert.equal(span?.attributes['http.response.status_code'], 101)
    assert.equal(span?.name, 'GET /ws')
    assert.deepEqual(own, [], 'nothing is left on the socket')
  })

  test('that was answered before the app saw it ends when its handler was called', async () => {
    const wss = new WebSocketServer({ noServer: true })
    const span = await upgraded((request, socket, head) => {
      wss.handleUpgrade(request, socket, head, () => {
        begin(request, new ServerResponse(request), () => operationOn(request)?.setRoute('/late'))
      })
    })
    assert.equal(span?.attributes['http.response.status_code'], 101)
    assert.equal(span?.name, 'GET /late')
  })

  test('that is refused on the bare socket has the status that was written', async () => {
    const span = await upgraded((request, socket) => {
      const response = new ServerResponse(request)
      response.assignSocket(socket)
      begin(request, response, () => socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n'))
    })
    assert.equal(span?.attributes['http.response.status_code'], 403)
  })

  test('that the app answers like any request is one', async () => {
    const server = createServer((request, response) => begin(request, response, () => response.end('no')))
    const client = await connectTo(await listen(server))
    client.write(HANDSHAKE)
    await until(() => recording.spans.length === 1)
    assert.equal(recording.spans[0]?.attributes['http.response.status_code'], 200)
    client.destroy()
    server.close()
  })
})

test('HTTP/2 requests are observed, whole and reset', async () => {
  const server = createHttp2Server((request, response) => {
    begin(request as never, response as never, () => {
      operationOn(request)?.setRoute(request.url)
      if (request.url === '/whole') response.end('ok')
      else response.write('start')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = runInContext(suppressTracing(rootContext), () => connect(`http://127.0.0.1:${port}`))
  const whole = client.request({ ':path': '/whole', 'user-agent': 'h2' })
  whole.resume()
  await once(whole, 'close')
  await until(() => recording.spans.length === 1)
  const reset = client.request({ ':path': '/reset' })
  reset.on('error', () => {})
  await once(reset, 'data')
  reset.close(8)
  await until(() => recording.spans.length === 2)
  client.destroy()
  server.close()
  const [first, second] = recording.spans
  assert.equal(first?.name, 'GET /whole')
  assert.equal(first?.attributes['network.protocol.version'], '2')
  assert.equal(first?.attributes['server.address'], '127.0.0.1')
  assert.equal(first?.attributes['server.port'], port)
  assert.equal(first?.attributes['network.peer.address'], '127.0.0.1')
  assert.equal(first?.attributes['error.type'], undefined)
  assert.equal(second?.attributes['error.type'], 'aborted')
  assert.equal(second?.attributes['http.response.status_code'], 200)
})

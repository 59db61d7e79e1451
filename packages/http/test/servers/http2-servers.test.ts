import assert from 'node:assert/strict'
import { once } from 'node:events'
import {
  type ClientHttp2Session,
  connect,
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import { request as httpsRequest } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, afterEach, before, describe, test } from 'node:test'
import { operationOf, rootContext, runInContext, suppressTracing } from '@hashira/core'
import { instrumentServers, observeServer, operationOn } from '@hashira/http'
import { CERTIFICATE, PRIVATE_KEY } from '../outgoing/support/certificate'
import { activeRequests, asIfStarted, type Recording, recordSpans, until } from '../support/recorded'

let recording: Recording
const open: { close(): unknown; destroy?(): unknown }[] = []

before(() => {
  asIfStarted()
  recording = recordSpans()
})
afterEach(async () => {
  for (const each of open.splice(0).reverse()) each.destroy?.() ?? each.close()
  recording.spans.length = 0
  assert.equal(await activeRequests(), 0)
})
after(() => recording.stop())

const outside = suppressTracing(rootContext)

async function clientOf(server: Http2Server): Promise<ClientHttp2Session> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = runInContext(outside, () => connect(`http://127.0.0.1:${port}`))
  open.push(server, client)
  return client
}

async function get(client: ClientHttp2Session, path: string, headers = {}): Promise<string> {
  const stream = client.request({ ':path': path, ...headers })
  let body = ''
  for await (const chunk of stream) body += chunk
  return body
}

for (const [name, observe] of [
  ['observeServer', observeServer],
  ['instrumentServers', () => instrumentServers()],
] as [string, (server: Http2Server) => () => void][]) {
  describe(`HTTP/2, ${name}`, () => {
    test('requests of the compatibility API, CONNECT among them', async () => {
      const server = createServer((request, response) => {
        assert.equal(operationOf(), operationOn(request))
        response.end(request.url)
      })
      const stop = observe(server)
      const client = await clientOf(server)
      assert.equal(await get(client, '/a'), '/a')
      const tunnel = client.request({ ':method': 'CONNECT', ':authority': 'example.com:443' })
      tunnel.resume().end()
      await until(() => recording.spans.length === 2)
      assert.deepEqual(
        recording.spans.map((span) => [span.name, span.attributes['http.response.status_code']]),
        [
          ['GET', 200],
          ['CONNECT', 405],
        ],
      )
      assert.equal(recording.spans[0]?.attributes['network.protocol.version'], '2')
      stop()
    })

    test('streams without requests: whole, failed and reset ones', async () => {
      const server = createServer()
      const inside: boolean[] = []
      server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
        const operation = operationOf()
        operationOn(stream)?.setRoute(headers[':path'])
        stream.on('data', () => inside.push(operationOf() === operation))
        stream.on('end', () => {
          inside.push(operation !== undefined && operationOf() === operation)
          stream.respond({ ':status': headers[':path'] === '/failed' ? 500 : 200 })
          if (headers[':path'] === '/reset') stream.write('start')
          else stream.end('ok')
        })
      })
      const stop = observe(server)
      const client = await clientOf(server)
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
      await get(client, '/whole', { traceparent })
      await get(client, '/failed')
      const reset = client.request({ ':path': '/reset' })
      reset.on('error', () => {})
      await once(reset, 'data')
      reset.close(8)
      await until(() => recording.spans.length === 3)
      stop()
      assert.deepEqual(
        recording.spans.map(({ name, attributes }) => [
          name,
          attributes['http.response.status_code'],
          attributes['error.type'],
        ]),
        [
          ['GET /whole', 200, undefined],
          ['GET /failed', 500, '500'],
          ['GET /reset', 200, 'aborted'],
        ],
      )
      assert.equal(recording.spans[0]?.parentSpanId, 'b7ad6b7169203331')
      assert.equal(recording.spans[0]?.attributes['url.scheme'], 'http')
      assert.deepEqual([...new Set(inside)], [true])
    })

    test('a server with listeners for both has one span a request', async () => {
      const server = createServer((_, response) => response.end('compat'))
      server.on('stream', () => {})
      const stop = observe(server)
      assert.equal(await get(await clientOf(server), '/'), 'compat')
      await until(() => recording.spans.length === 1)
      stop()
    })

    test('HTTP/1 that a secure server takes as well, over TLS', async () => {
      const server = createSecureServer(
        { cert: CERTIFICATE, key: PRIVATE_KEY, allowHTTP1: true },
        (_, response) => response.end('ok'),
      )
      const stop = observe(server as unknown as Http2Server)
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      open.push(server)
      const { port } = server.address() as AddressInfo
      await runInContext(outside, async () => {
        const call = httpsRequest({ host: '127.0.0.1', port, rejectUnauthorized: false, agent: false }).end()
        const [response] = await once(call, 'response')
        response.resume()
        await once(response, 'end')
      })
      await until(() => recording.spans.length === 1)
      assert.equal(recording.spans[0]?.attributes['url.scheme'], 'https')
      assert.equal(recording.spans[0]?.attributes['network.protocol.version'], '1.1')
      stop()
    })
  })
}

import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { createServer, type IncomingMessage, Server, type ServerResponse } from 'node:http'
import { Server as HttpsServer } from 'node:https'
import { Server as NetServer } from 'node:net'
import { after, afterEach, before, describe, test } from 'node:test'
import { activeContext, markOwnServer, operationOf } from '@hashira/core'
import { createServerObserver, instrumentServers, observeServer, operationOn } from '@hashira/http'
import { tracer } from '@hashira/tracing'
import { ask, close, connectTo, listen } from '../support/client'
import {
  activeRequests,
  asIfStarted,
  durationSeries,
  type Recording,
  recordSpans,
  until,
  useContextManager,
} from '../support/recorded'

let recording: Recording
const servers: Server[] = []
const undo: (() => void)[] = []

before(() => {
  asIfStarted()
  useContextManager()
  recording = recordSpans()
})
afterEach(async () => {
  await Promise.all(servers.splice(0).map(close))
  for (const stop of undo.splice(0)) stop()
  recording.spans.length = 0
  assert.equal(await activeRequests(), 0, 'every request that began has ended')
})
after(() => recording.stop())

type Handler = (request: IncomingMessage, response: ServerResponse) => void

function open(handler?: Handler): Server {
  const server = handler === undefined ? createServer() : createServer(handler)
  servers.push(server)
  return server
}

/** Each way to have a server observed, applied to one that exists already. */
const ways: [name: string, observe: (server: Server) => () => void][] = [
  ['observeServer', (server) => observeServer(server)],
  ['instrumentServers', () => instrumentServers()],
  [
    'both',
    (server) => {
      const stops = [instrumentServers(), observeServer(server)]
      return () => {
        for (const stop of stops) stop()
      }
    },
  ],
]

for (const [name, observe] of ways) {
  describe(name, () => {
    function observed(handler: Handler): Promise<number> {
      const server = open(handler)
      undo.push(observe(server))
      return listen(server)
    }

    test('a request is one span and one measurement, and its handlers run in its context', async () => {
      const before = (await durationSeries()).reduce((sum, { count }) => sum + count, 0)
      const port = await observed((request, response) => {
        assert.equal(operationOf(), operationOn(request))
        tracer.span('inside', () => response.end('ok'))
      })
      await ask(port, '/users/7?token=x', {
        headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
      })
      await until(() => recording.spans.length === 2)
      const [inside, server] = recording.spans
      assert.equal(server?.name, 'GET')
      assert.equal(server?.traceId, '0af7651916cd43dd8448eb211c80319c')
      assert.equal(server?.attributes['url.query'], 'token=REDACTED')
      assert.equal(inside?.parentSpanId, server?.spanId)
      const after = (await durationSeries()).reduce((sum, { count }) => sum + count, 0)
      assert.equal(after - before, 1)
    })

    test('kept and pipelined connections: one span each', async () => {
      const port = await observed((request, response) => {
        setTimeout(() => response.end(request.url), request.url === '/1' ? 20 : 0)
      })
      const socket = await connectTo(port)
      const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`
      socket.write(get('/1') + get('/2') + get('/3'))
      await until(() => recording.spans.length === 3)
      socket.write(get('/4'))
      await until(() => recording.spans.length === 4)
      socket.destroy()
      const paths = recording.spans.map(({ attributes }) => attributes['url.path'])
      assert.deepEqual(paths, ['/1', '/2', '/3', '/4'])
      assert.equal(new Set(recording.spans.map(({ traceId }) => traceId)).size, 4)
    })

    test('100-continue and expectations', async () => {
      const server = open()
      server.on('checkContinue', (_, response) => {
        response.writeContinue()
        response.end('continued')
      })
      server.on('checkExpectation', (request, response) => {
        assert.equal(operationOf(), operationOn(request))
        response.statusCode = 417
        response.end()
      })
      undo.push(observe(server))
      const port = await listen(server)
      for (const expect of ['100-continue', 'miracles']) {
        const socket = await connectTo(port)
        socket.write(`POST /${expect} HTTP/1.1\r\nHost: x\r\nExpect: ${expect}\r\nConnection: close\r\n\r\n`)
      }
      await until(() => recording.spans.length === 2)
      const statuses = recording.spans.map(({ attributes }) => [
        attributes['url.path'],
        attributes['http.response.status_code'],
      ])
      assert.deepEqual(statuses.sort(), [
        ['/100-continue', 200],
        ['/miracles', 417],
      ])
    })

    test('a framework that observes inside of it adds its route, hooks and attributes, and no second span', async () => {
      const seen: unknown[] = []
      const inner = createServerObserver('observe()', {
        ignore: ['/silent', (request: IncomingMessage) => request.headers['x-probe'] !== undefined],
        captureRequestHeaders: ['x-tenant'],
        redactQuery: ['card'],
        isError: (status) => status === 404,
        onRequest: (span) => void seen.push(span.spanContext().spanId),
        onResponse: (_span, request) => void seen.push(request.url),
      })
      const port = await observed((request, response) => {
        const context = inner.begin(request, response, request, response, request.url as string)
        if (request.url?.startsWith('/loud') === true) {
          if (request.headers['x-probe'] === undefined) assert.equal(context, activeContext())
          operationOn(request)?.setRoute('/loud/:id')
        }
        response.statusCode = 404
        response.end()
      })
      await ask(port, '/silent')
      await ask(port, '/loud/1', { headers: { 'x-probe': '1' } })
      await ask(port, '/loud/2?card=4111', { headers: { 'x-tenant': 'acme' } })
      await until(() => recording.spans.length === 1)
      const [span] = recording.spans
      assert.equal(span?.name, 'GET /loud/:id')
      assert.equal(span?.attributes['url.query'], 'card=REDACTED')
      assert.deepEqual(span?.attributes['http.request.header.x-tenant'], ['acme'])
      assert.equal(span?.attributes['error.type'], '404')
      assert.deepEqual(seen, [span?.spanId, '/loud/2?card=4111'])
    })

    test('undone, it observes nothing, and requests under way come to their end', async () => {
      let finish: (() => void) | undefined
      const server = open((request, response) => {
        if (request.url === '/slow') finish = () => response.end()
        else response.end()
      })
      const stop = observe(server)
      const port = await listen(server)
      const slow = ask(port, '/slow')
      await until(() => finish !== undefined)
      stop()
      await ask(port, '/after')
      finish?.()
      await slow
      await until(() => recording.spans.length === 1)
      assert.equal(recording.spans[0]?.attributes['url.path'], '/slow')
      assert.equal(Object.hasOwn(server, 'emit'), false)
      for (const { prototype } of [Server, HttpsServer, NetServer]) {
        assert.equal(Object.hasOwn(prototype, 'emit'), false)
        assert.equal(prototype.emit, EventEmitter.prototype.emit)
      }
    })
  })
}

describe('what is not observed', () => {
  test('requests that an observer ignores stay ignored for the others, whoever comes first', async () => {
    const inner = createServerObserver('inner')
    const port = await (() => {
      const server = open((request, response) => {
        inner.begin(request, response, request, response, request.url as string)
        response.end()
      })
      undo.push(instrumentServers(), observeServer(server, { ignore: ['/healthz'] }))
      return listen(server)
    })()
    await ask(port, '/healthz')
    await ask(port, '/seen')
    await until(() => recording.spans.length === 1)
    assert.equal(recording.spans[0]?.attributes['url.path'], '/seen')
  })

  test('servers of Hashira itself, and events of other servers that only have the name', async () => {
    undo.push(instrumentServers())
    const own = markOwnServer(open((_, response) => response.end()))
    await ask(await listen(own), '/metrics')
    const net = new NetServer()
    const heard: unknown[] = []
    net.on('request', (...args) => heard.push(args))
    net.emit('request', 'a', 1)
    net.emit('request')
    net.emit('upgrade', {}, {})
    assert.deepEqual(heard, [['a', 1], []])
    assert.equal(recording.spans.length, 0)
  })

  test('whoever wraps emit after us keeps working when we are gone', async () => {
    const stop = instrumentServers()
    const ours = Server.prototype.emit
    let calls = 0
    Server.prototype.emit = function (this: Server, ...args: Parameters<typeof ours>) {
      calls++
      return ours.apply(this, args)
    } as typeof ours
    stop()
    await ask(await listen(open((_, response) => response.end())), '/')
    assert.ok(calls > 0)
    assert.equal(recording.spans.length, 0)
    Reflect.deleteProperty(Server.prototype, 'emit')
  })

  test('bad options are a coded error, and nothing is wrapped', () => {
    assert.throws(() => instrumentServers({ ingore: [] } as never), /HASHIRA_OPTION_UNKNOWN/)
    assert.throws(() => observeServer(open(), { ignore: ['x'] }), /observeServer.*HASHIRA_OPTION_INVALID/)
    assert.equal(Object.hasOwn(Server.prototype, 'emit'), false)
    const stop = instrumentServers()
    instrumentServers()()
    assert.equal(Object.hasOwn(Server.prototype, 'emit'), true, 'the second call undoes nothing')
    stop()
  })
})

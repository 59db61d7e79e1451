import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { pipeline, Readable } from 'node:stream'
import { after, afterEach, before, describe, test } from 'node:test'
import {
  activeContext,
  bindEmitter,
  faultCounts,
  operationOf,
  recordError,
  rootContext,
  runInContext,
} from '@hashira/core'
import { createServerObserver, type ObserveOptions, operationOn } from '@hashira/http'
import { alwaysOffSampler, tracer } from '@hashira/tracing'
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { ask, close, connectTo, listen } from './support/client'
import {
  activeRequests,
  type RecordedSpan,
  type Recording,
  recordSpans,
  seriesOf,
  until,
  useContextManager,
} from './support/recorded'

const manifest = require('../package.json') as { version: string }

type Handler = (request: IncomingMessage, response: ServerResponse) => void

let recording: Recording
const servers: Server[] = []

before(() => {
  useContextManager()
  recording = recordSpans()
})
afterEach(async () => {
  await Promise.all(servers.splice(0).map(close))
  recording.spans.length = 0
  assert.equal(await activeRequests(), 0, 'every request that began has ended')
})
after(() => recording.stop())

async function serve(handler: Handler, options?: ObserveOptions): Promise<number> {
  const observer = createServerObserver('observe()', options)
  const server = createServer((request, response) => {
    const context = observer.begin(request, response, request, response, request.url as string)
    runInContext(context, () => handler(request, response))
  })
  servers.push(server)
  return listen(server)
}

async function onlySpan(): Promise<RecordedSpan> {
  await until(() => recording.spans.length > 0)
  assert.equal(recording.spans.length, 1)
  return recording.spans[0] as RecordedSpan
}

describe('a server operation', () => {
  test('is one server span with the attributes of the HTTP conventions', async () => {
    const port = await serve((request, response) => {
      operationOn(request)?.setRoute('/users/:id')
      response.end('hello')
    })
    await ask(port, '/users/7?page=2&token=abc', { headers: { 'user-agent': 'test/1' } })
    const span = await onlySpan()
    assert.equal(span.name, 'GET /users/:id')
    assert.equal(span.kind, SpanKind.SERVER)
    assert.deepEqual(span.scope, { name: '@hashira/http', version: manifest.version, schemaUrl: undefined })
    assert.equal(span.parentSpanId, undefined)
    assert.equal(span.statusCode, SpanStatusCode.UNSET)
    const { 'network.peer.port': peerPort, ...attributes } = span.attributes
    assert.equal(typeof peerPort, 'number')
    assert.deepEqual(
      { ...attributes },
      {
        'http.request.method': 'GET',
        'url.path': '/users/7',
        'url.query': 'page=2&token=REDACTED',
        'url.scheme': 'http',
        'server.address': '127.0.0.1',
        'server.port': port,
        'network.protocol.version': '1.1',
        'network.peer.address': '127.0.0.1',
        'user_agent.original': 'test/1',
        'http.route': '/users/:id',
        'http.response.status_code': 200,
      },
    )
    assert.equal(span.attributeCount, Object.keys(span.attributes).length)
  })

  test('is one measurement with the same duration, with the trace as its exemplar', async () => {
    const port = await serve((request, response) => {
      operationOn(request)?.setRoute('/measured')
      setTimeout(() => response.end(), 20)
    })
    await ask(port, '/measured')
    const span = await onlySpan()
    const series = await seriesOf({ 'http.route': '/measured' })
    assert.deepEqual(series?.labels, {
      'http.request.method': 'GET',
      'http.route': '/measured',
      'http.response.status_code': 200,
      'url.scheme': 'http',
      'network.protocol.version': '1.1',
    })
    assert.equal(series?.count, 1)
    assert.ok(
      Math.abs(series.sum - span.durationSeconds) < 0.002,
      `${series.sum} and ${span.durationSeconds}`,
    )
    assert.deepEqual(series.exemplarTraceIds, [span.traceId])
  })

  test('without a route is named by its method, and has no route label', async () => {
    const port = await serve((_, response) => {
      response.statusCode = 404
      response.end()
    })
    await ask(port, '/nowhere/1')
    await ask(port, '/nowhere/2')
    await until(() => recording.spans.length === 2)
    assert.deepEqual(
      recording.spans.map(({ name, statusCode }) => [name, statusCode]),
      [
        ['GET', SpanStatusCode.UNSET],
        ['GET', SpanStatusCode.UNSET],
      ],
    )
    const series = await seriesOf({ 'http.response.status_code': 404, 'http.route': undefined })
    assert.equal(series?.count, 2)
  })

  test('continues the trace of its headers', async () => {
    const port = await serve((_, response) => response.end())
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    await ask(port, '/', { headers: { traceparent } })
    const span = await onlySpan()
    assert.equal(span.traceId, '0af7651916cd43dd8448eb211c80319c')
    assert.equal(span.parentSpanId, 'b7ad6b7169203331')
  })

  test('is measured when it is sampled out and when tracing is off', async () => {
    const port = await serve((request, response) => {
      operationOn(request)?.setRoute('/unsampled')
      response.end()
    })
    recordSpans(alwaysOffSampler)
    await ask(port, '/')
    recording.stop()
    await ask(port, '/')
    recording = recordSpans()
    assert.equal((await seriesOf({ 'http.route': '/unsampled' }))?.count, 2)
  })

  test('counts a method that nobody knows as _OTHER', async () => {
    const port = await serve((_, response) => response.end())
    const socket = await connectTo(port)
    socket.write('PROPFIND / HTTP/1.1\r\nHost: [::1]:81\r\nConnection: close\r\n\r\n')
    const span = await onlySpan()
    assert.equal(span.name, 'HTTP')
    assert.equal(span.attributes['http.request.method'], '_OTHER')
    assert.equal(span.attributes['http.request.method_original'], 'PROPFIND')
    assert.equal(span.attributes['server.address'], '::1')
    assert.equal(span.attributes['server.port'], 81)
  })

  test('ends once for HEAD, 304 and a streamed body', async () => {
    const port = await serve((request, response) => {
      if (request.url === '/304') response.statusCode = 304
      if (request.url !== '/stream') return void response.end()
      response.write('a')
      setTimeout(() => response.end('b'), 30)
    })
    await ask(port, '/head', { method: 'HEAD' })
    await ask(port, '/304')
    await ask(port, '/stream')
    await until(() => recording.spans.length === 3)
    assert.deepEqual(
      recording.spans.map(({ name, attributes }) => [name, attributes['http.response.status_code']]),
      [
        ['HEAD', 200],
        ['GET', 304],
        ['GET', 200],
      ],
    )
    assert.ok((recording.spans[2] as RecordedSpan).durationSeconds > 0.025)
  })

  test('is one span for each request of a keep-alive connection, and of pipelined ones', async () => {
    const port = await serve((request, response) => {
      setTimeout(() => response.end(request.url), request.url === '/first' ? 30 : 0)
    })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    await ask(port, '/a', { agent })
    await ask(port, '/b', { agent })
    agent.destroy()
    const socket = await connectTo(port)
    socket.write('GET /first HTTP/1.1\r\nHost: x\r\n\r\nGET /second HTTP/1.1\r\nHost: x\r\n\r\n')
    await until(() => recording.spans.length === 4)
    assert.deepEqual(
      recording.spans.map(({ attributes }) => attributes['url.path']),
      ['/a', '/b', '/first', '/second'],
    )
    socket.destroy()
  })
})

describe('a request that its client gives up', () => {
  const aborted = { 'error.type': 'aborted' }

  test('before the response has no status', async () => {
    const port = await serve(() => {})
    const socket = await connectTo(port)
    socket.write('GET /abort-early HTTP/1.1\r\nHost: x\r\n\r\n')
    await until(async () => (await activeRequests()) === 1)
    socket.destroy()
    const span = await onlySpan()
    assert.equal(span.attributes['http.response.status_code'], undefined)
    assert.equal(span.attributes['error.type'], 'aborted')
    assert.equal(span.statusCode, SpanStatusCode.UNSET)
    assert.ok(await seriesOf({ ...aborted, 'http.response.status_code': undefined }))
  })

  test('while it is streamed has the status that was sent', async () => {
    const port = await serve((_, response) => void response.write('start'))
    const socket = await connectTo(port)
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(socket, 'data')
    socket.destroy()
    const span = await onlySpan()
    assert.equal(span.attributes['http.response.status_code'], 200)
    assert.equal(span.attributes['error.type'], 'aborted')
  })

  test('is over although it waited for its turn on a pipelined connection', async () => {
    const port = await serve((request, response) => {
      if (request.url === '/second') response.end()
    })
    const socket = await connectTo(port)
    socket.write('GET /first HTTP/1.1\r\nHost: x\r\n\r\nGET /second HTTP/1.1\r\nHost: x\r\n\r\n')
    await until(async () => (await activeRequests()) === 2)
    socket.destroy()
    await until(() => recording.spans.length === 2)
  })

  test('while 40 waited for their turn leaves no listener and no warning, and all 40 are over', async () => {
    const warnings: Error[] = []
    const onWarning = (warning: Error) => warnings.push(warning)
    process.on('warning', onWarning)
    const responses: ServerResponse[] = []
    let socket: Socket | undefined
    const port = await serve((request, response) => {
      socket = request.socket
      responses.push(response)
    })
    const client = await connectTo(port)
    const listeners = () => socket?.listenerCount('close')
    client.write('GET /first HTTP/1.1\r\nHost: x\r\n\r\n')
    await until(() => responses.length === 1)
    const alone = listeners()
    client.write('GET /next HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(20))
    await until(() => responses.length === 21)
    assert.equal(listeners(), (alone as number) + 1, 'one for all that wait')
    for (const response of responses.splice(0)) response.end()
    await until(() => recording.spans.length === 21)
    // That of Node's response is gone as well.
    assert.equal(listeners(), (alone as number) - 1, 'gone with the last that waited')

    client.write('GET /left HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(40))
    await until(() => responses.length === 40)
    client.destroy()
    await until(() => recording.spans.length === 61)
    assert.ok(recording.spans.slice(21).every(({ attributes }) => attributes['error.type'] === 'aborted'))
    process.off('warning', onWarning)
    assert.deepEqual(warnings, [])
  })

  test('is aborted whatever fed the response: a pipe, a pipeline', async () => {
    for (const feed of [pipe, pipeUp]) {
      const source = new Readable({ read() {} })
      const port = await serve((_, response) => feed(source, response))
      source.push('start')
      const socket = await connectTo(port)
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      await once(socket, 'data')
      socket.resetAndDestroy()
      const span = await onlySpan()
      assert.equal(span.attributes['error.type'], 'aborted', feed.name)
      assert.equal(span.statusCode, SpanStatusCode.UNSET)
      recording.spans.length = 0
    }
  })

  test('while it is uploading is over', async () => {
    const port = await serve((request) => void request.resume())
    const socket = await connectTo(port)
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc')
    await until(async () => (await activeRequests()) === 1)
    socket.destroy()
    assert.equal((await onlySpan()).name, 'POST')
  })
})

const pipe = (source: Readable, response: ServerResponse) => void source.pipe(response)
const pipeUp = (source: Readable, response: ServerResponse) => pipeline(source, response, () => {})

describe('errors', () => {
  test('that break a response off in the middle are errors, not its client leaving', async () => {
    const breaks: Record<string, (source: Readable, response: ServerResponse) => void> = {
      pipeline: pipeUp,
      // As Fastify does.
      'a pipe, and destroy': (source, response) => {
        source.pipe(response)
        source.on('error', () => response.destroy())
      },
      'destroy(error)': (source, response) => {
        response.write('start')
        source.on('error', (error) => response.destroy(error))
      },
    }
    for (const [what, answer] of Object.entries(breaks)) {
      const source = new Readable({ read() {} })
      const port = await serve((_, response) => answer(source, response))
      source.push('start')
      const socket = await connectTo(port)
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      await once(socket, 'data')
      source.destroy(new RangeError('in the middle'))
      const span = await onlySpan()
      assert.equal(span.attributes['error.type'], 'RangeError', what)
      assert.equal(span.attributes['http.response.status_code'], 200)
      assert.equal(span.statusCode, SpanStatusCode.ERROR)
      assert.equal(span.events.length, 1)
      recording.spans.length = 0
    }
  })

  test('whose parts throw do no harm', async () => {
    const fail = () => {
      throw new Error('hostile')
    }
    const port = await serve((_, response) => {
      response.write('start')
      response.destroy(Object.defineProperty(new Error('x'), 'code', { get: fail }))
    })
    await ask(port, '/').catch(() => {})
    assert.equal((await onlySpan()).attributes['error.type'], 'aborted')
  })

  test('a status of 500 is an error, one of 400 is not', async () => {
    const port = await serve((request, response) => {
      response.statusCode = Number(request.url?.slice(1))
      response.end()
    })
    await ask(port, '/503')
    await ask(port, '/422')
    await until(() => recording.spans.length === 2)
    const [server, client] = recording.spans as [RecordedSpan, RecordedSpan]
    assert.equal(server.statusCode, SpanStatusCode.ERROR)
    assert.equal(server.statusMessage, undefined)
    assert.equal(server.attributes['error.type'], '503')
    assert.equal(client.statusCode, SpanStatusCode.UNSET)
    assert.equal(client.attributes['error.type'], undefined)
  })

  test('isError decides instead; when it throws the default does', async () => {
    const port = await serve(
      (request, response) => {
        response.statusCode = Number(request.url?.slice(1))
        response.end()
      },
      {
        isError: (status) => {
          if (status === 500) throw new Error('no opinion')
          return status === 404
        },
      },
    )
    for (const status of [404, 503, 500]) await ask(port, `/${status}`)
    await until(() => recording.spans.length === 3)
    assert.deepEqual(
      recording.spans.map((span) => span.attributes['error.type']),
      ['404', undefined, '500'],
    )
    assert.ok((faultCounts().get('is_error') ?? 0) > 0)
  })

  test('recordError of the core marks the request, whatever it answers, once', async () => {
    const port = await serve((_, response) => {
      recordError(new TypeError('bad card'))
      recordError(new RangeError('later'))
      response.end()
    })
    await ask(port, '/')
    const span = await onlySpan()
    assert.equal(span.statusCode, SpanStatusCode.ERROR)
    assert.equal(span.statusMessage, 'bad card')
    assert.equal(span.attributes['error.type'], 'TypeError')
    assert.equal(span.events.length, 1)
    assert.match(String(span.events[0]?.attributes['exception.stacktrace']), /TypeError: bad card\n\s+at /)
    assert.ok(await seriesOf({ 'error.type': 'TypeError', 'http.response.status_code': 200 }))
  })

  test('an error that was passed on counts if the response says so', async () => {
    const port = await serve((request, response) => {
      operationOn(request)?.passError(new RangeError('passed'))
      response.statusCode = Number(request.url?.slice(1))
      response.end()
    })
    for (const status of [500, 404, 200]) await ask(port, `/${status}`)
    await until(() => recording.spans.length === 3)
    assert.deepEqual(
      recording.spans.map((span) => [span.attributes['error.type'], span.events.length]),
      [
        ['RangeError', 1],
        [undefined, 0],
        [undefined, 0],
      ],
    )
  })
})

describe('the context of a request', () => {
  test('is that of every listener on request and response, and of what reads them', async () => {
    const seen: Record<string, unknown> = {}
    const port = await serve((request, response) => {
      const note = (name: string) => () => {
        seen[name] = [trace.getActiveSpan()?.spanContext().traceId, operationOf() === operationOn(request)]
      }
      request.on('data', note('data'))
      request.on('end', note('end'))
      request.once('close', note('request close'))
      response.on('finish', note('finish'))
      response.prependListener('close', note('close'))
      request.on('end', async () => {
        await null
        note('after await')()
        response.end()
      })
    })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    await ask(port, '/', { method: 'POST', body: 'x'.repeat(200_000), agent })
    agent.destroy()
    const span = await onlySpan()
    await until(() => 'close' in seen)
    const inside = [span.traceId, true]
    assert.deepEqual(seen, {
      data: inside,
      end: inside,
      'request close': inside,
      'after await': inside,
      finish: inside,
      close: inside,
    })
  })

  test('is that of a listener beside the one by which Node lets a request go that was answered at once', async () => {
    let inside: boolean | undefined
    const port = await serve((request, response) => {
      response.end()
      response.on('finish', () => request.on('end', () => (inside = operationOf() === operationOn(request))))
    })
    await ask(port, '/')
    await until(() => inside !== undefined)
    assert.equal(inside, true)
  })

  test('replaces a context that the request was bound to before', async () => {
    const observer = createServerObserver('observe()')
    let inside: boolean | undefined
    const server = createServer((request, response) => {
      bindEmitter(rootContext, request)
      const context = observer.begin(request, response, request, response, '/')
      request.resume().on('end', () => {
        inside = activeContext() === context
        response.end()
      })
    })
    servers.push(server)
    await ask(await listen(server), '/', { method: 'POST', body: 'x' })
    assert.equal(inside, true)
  })

  test('an error event without a listener still throws', async () => {
    const port = await serve((_, response) => {
      assert.throws(() => response.emit('error', new Error('unheard')), /unheard/)
      response.end()
    })
    assert.equal((await ask(port, '/')).status, 200)
  })

  test('no listener is added, neither to request and response nor to a kept connection', async () => {
    const counts = new Set<string>()
    const port = await serve((request, response) => {
      const count = (emitter: NodeJS.EventEmitter) =>
        emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0)
      counts.add(`${count(request)} ${count(response)} ${count(request.socket)}`)
      response.end()
    })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let i = 0; i < 1_000; i++) await ask(port, '/', { agent })
    agent.destroy()
    assert.equal(counts.size, 1, [...counts].join(', '))
    await until(() => recording.spans.length === 1_000)
  })
})

describe('options', () => {
  test('ignore leaves out span, metric and children: path, RegExp, function', async () => {
    const ignore = [
      '/healthz',
      /^\/internal\//g,
      (request: IncomingMessage) => request.headers['x-probe'] === '1',
    ]
    const port = await serve(
      (request, response) => {
        assert.equal(operationOn(request), undefined)
        tracer.span('child', () => {})
        response.end()
      },
      { ignore },
    )
    await ask(port, '/healthz?verbose')
    await ask(port, '/internal/a')
    await ask(port, '/internal/b')
    await ask(port, '/', { headers: { 'x-probe': '1' } })
    assert.equal(recording.spans.length, 0)
  })

  test('headers on the allow-lists become lists of texts', async () => {
    const port = await serve(
      (_, response) => {
        response.setHeader('X-Cost', 7)
        response.setHeader('Set-Cookie', ['a=1', 'b=2'])
        response.end()
      },
      { captureRequestHeaders: ['X-Tenant'], captureResponseHeaders: ['x-cost', 'set-cookie', 'x-none'] },
    )
    await ask(port, '/', { headers: { 'x-tenant': 'acme', authorization: 'secret' } })
    const { attributes } = await onlySpan()
    assert.deepEqual(attributes['http.request.header.x-tenant'], ['acme'])
    assert.deepEqual(attributes['http.response.header.x-cost'], ['7'])
    assert.deepEqual(attributes['http.response.header.set-cookie'], ['a=1', 'b=2'])
    assert.equal(Object.keys(attributes).filter((key) => key.includes('header')).length, 3)
  })

  test('hooks see span, request and response; what they throw is counted', async () => {
    const port = await serve((_, response) => response.end(), {
      onRequest: (span, request) => {
        span.setAttribute('app.url', String(request.url))
        throw new Error('hook')
      },
      onResponse: (span, _, response) => {
        span.setAttribute('app.status', response.statusCode)
        throw new Error('hook')
      },
    })
    await ask(port, '/hooked')
    const { attributes } = await onlySpan()
    assert.equal(attributes['app.url'], '/hooked')
    assert.equal(attributes['app.status'], 200)
    assert.ok((faultCounts().get('on_request') ?? 0) > 0)
    assert.ok((faultCounts().get('on_response') ?? 0) > 0)
  })

  const bad: [string, object, RegExp][] = [
    [
      'an option that is not known',
      { ingore: [] },
      /"ingore" is not known, allowed are .*ignore.*OPTION_UNKNOWN/,
    ],
    ['a path without a slash', { ignore: ['healthz'] }, /"ignore".*healthz.*allowed is.*OPTION_INVALID/],
    ['buckets out of order', { buckets: [1, 0.5] }, /"buckets" is \[1,0.5\].*OPTION_INVALID/],
    ['a label of the metric itself', { labels: { http_route: () => 'x' } }, /"labels".*OPTION_INVALID/],
    ['a label without a function', { labels: { tenant: 'acme' } }, /"labels".*OPTION_INVALID/],
    ['a header that is none', { captureRequestHeaders: ['a b'] }, /"captureRequestHeaders".*OPTION_INVALID/],
    ['a hook that is none', { onRequest: 1 }, /"onRequest" is 1, allowed is a function.*OPTION_INVALID/],
    ['a registry that is none', { registry: {} }, /REGISTRY_INVALID/],
  ]
  for (const [what, options, message] of bad) {
    test(`${what} is a coded error`, () => {
      assert.throws(() => createServerObserver('observe()', options as ObserveOptions), message)
    })
  }
})

import assert from 'node:assert/strict'
import { once } from 'node:events'
import http, {
  Agent,
  type ClientRequest,
  get,
  type IncomingMessage,
  type RequestOptions,
  request,
} from 'node:http'
import https from 'node:https'
import { after, afterEach, before, describe, it } from 'node:test'
import { instrumentOutgoing } from '@hashira/http'
import { tracer } from '@hashira/tracing'
import { SpanStatusCode } from '@opentelemetry/api'
import { close, listen } from '../support/client'
import { type Recording, recordSpans } from '../support/recorded'
import { type Backend, startBackend } from './support/backend'
import { CERTIFICATE, PRIVATE_KEY } from './support/certificate'
import { clientSeries, takeClientSpans } from './support/client-spans'

let backend: Backend
let recording: Recording
let undo: () => void

before(async () => {
  backend = await startBackend()
  recording = recordSpans()
  undo = instrumentOutgoing()
})

afterEach(() => {
  recording.spans.length = 0
  backend.received.length = 0
})

after(async () => {
  undo()
  recording.stop()
  await backend.close()
})

/** Reads the answer to the end. */
function answerOf(made: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    made.on('error', reject)
    made.on('response', (response) => {
      response.on('error', reject)
      response.resume().on('end', () => resolve(response))
    })
  })
}

async function errorOf(made: ClientRequest): Promise<Error> {
  const [error] = (await once(made, 'error')) as [Error]
  return error
}

describe('http.request and http.get', () => {
  it('leave a client span under the caller, and send it along', async () => {
    let parent = ''
    await tracer.span('caller', (span) => {
      parent = span.spanContext().spanId
      return answerOf(http.get(`${backend.url}/a?password=hush#part`))
    })
    const [span] = await takeClientSpans(recording)
    assert.equal(span?.name, 'GET')
    assert.equal(span.parentSpanId, parent)
    assert.deepEqual(
      { ...span.attributes },
      {
        'http.request.method': 'GET',
        'url.full': `${backend.url}/a?password=REDACTED`,
        'server.address': '127.0.0.1',
        'server.port': backend.port,
        'network.peer.address': '127.0.0.1',
        'network.peer.port': backend.port,
        'http.response.status_code': 200,
        'network.protocol.version': '1.1',
      },
    )
    assert.equal(backend.received[0]?.headers['traceparent'], `00-${span.traceId}-${span.spanId}-03`)
    const series = (await clientSeries(backend.port)).find(
      ({ labels }) => labels['http.response.status_code'] === 200,
    )
    assert.equal(series?.labels['network.protocol.version'], '1.1')
  })

  const signatures: Record<
    string,
    (url: string, done: (response: IncomingMessage) => void) => ClientRequest
  > = {
    'url, callback': (url, done) => http.get(url, done),
    'URL, callback': (url, done) => http.get(new URL(url), done),
    'url, options, callback': (url, done) => http.request(url, { method: 'post' }, done).end(),
    'options, callback': (url, done) => {
      const { hostname, port, pathname } = new URL(url)
      return http.request({ hostname, port, path: pathname }, done).end()
    },
    'options with host': (url, done) => {
      const { hostname, port, pathname } = new URL(url)
      return http.get({ host: hostname, port: Number(port), path: pathname }, done)
    },
    'frozen options': (url, done) =>
      http.get(url, Object.freeze({ headers: Object.freeze({ a: 'b' }) }), done),
    'undefined options': (url, done) =>
      (http.get as (...args: unknown[]) => ClientRequest)(url, undefined, done),
    'a named import': (url, done) => get(url, done),
    'a named import of request': (url, done) => request(url, done).end(),
  }
  for (const [name, call] of Object.entries(signatures)) {
    it(`take ${name}`, async () => {
      await new Promise<void>((resolve) => {
        call(`${backend.url}/x`, (response) => response.resume().on('end', resolve))
      })
      const [span] = await takeClientSpans(recording)
      assert.equal(span?.attributes['url.full'], `${backend.url}/x`)
      assert.equal(backend.received[0]?.headers['traceparent']?.slice(36, 52), span.spanId)
    })
  }

  const stale = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'old=1' }
  const headerForms: Record<string, RequestOptions['headers']> = {
    'an object': { ...stale, 'X-Mine': 'yes' },
    'an object in other case': { TraceParent: stale.traceparent, TRACESTATE: 'old=1', 'X-Mine': 'yes' },
    'a flat array': ['Host', 'h', 'Traceparent', stale.traceparent, 'tracestate', 'old=1', 'X-Mine', 'yes'],
    'an array of pairs': [
      ['Host', 'h'],
      ['traceparent', stale.traceparent],
      ['tracestate', 'old=1'],
      ['X-Mine', 'yes'],
    ] as unknown as string[],
  }
  for (const [name, headers] of Object.entries(headerForms)) {
    it(`replace trace headers in ${name}`, async () => {
      const before = JSON.stringify(headers)
      await answerOf(http.get(backend.url, { headers }))
      const [span] = await takeClientSpans(recording)
      const { rawHeaders, headers: sent } = backend.received[0]!
      const names = rawHeaders.filter((_, i) => i % 2 === 0).map((header) => header.toLowerCase())
      assert.equal(names.filter((header) => header === 'traceparent').length, 1)
      assert.ok(!names.includes('tracestate'))
      assert.equal(sent['traceparent'], `00-${span?.traceId}-${span?.spanId}-03`)
      assert.equal(sent['x-mine'], 'yes')
      assert.equal(JSON.stringify(headers), before, "the app's object is as it was")
    })
  }

  it('send them with Expect: 100-continue, which flushes headers at once', async () => {
    const made = http.request(backend.url, { method: 'POST', headers: { Expect: '100-continue' } })
    made.on('continue', () => made.end('body'))
    await answerOf(made)
    const [span] = await takeClientSpans(recording)
    assert.equal(backend.received[0]?.headers['traceparent']?.slice(36, 52), span?.spanId)
  })

  it('name credentials without saying them', async () => {
    await answerOf(http.get(`http://user:pass@127.0.0.1:${backend.port}/`))
    const [span] = await takeClientSpans(recording)
    assert.equal(span?.attributes['url.full'], `http://REDACTED:REDACTED@127.0.0.1:${backend.port}/`)
    assert.match(String(backend.received[0]?.headers['authorization']), /^Basic /)
  })

  it('mark 400 and above', async () => {
    await answerOf(http.get(`${backend.url}/status/503`))
    const [span] = await takeClientSpans(recording)
    assert.equal(span?.statusCode, SpanStatusCode.ERROR)
    assert.equal(span.attributes['error.type'], '503')
  })

  it('mark a refused connection with its code', async () => {
    const gone = await startBackend()
    await gone.close()
    const error = await errorOf(http.get(gone.url))
    const [span] = await takeClientSpans(recording)
    assert.equal((error as NodeJS.ErrnoException).code, 'ECONNREFUSED')
    assert.equal(span?.attributes['error.type'], 'ECONNREFUSED')
    assert.equal(span.statusCode, SpanStatusCode.ERROR)
  })

  it('mark a body that breaks', async () => {
    await assert.rejects(answerOf(http.get(`${backend.url}/broken`)))
    const [span] = await takeClientSpans(recording)
    assert.equal(span?.attributes['error.type'], 'ECONNRESET')
    assert.equal(span.attributes['http.response.status_code'], 200)
  })

  it('last until the body is complete', async () => {
    await answerOf(http.get(`${backend.url}/slow-body`))
    const [span] = await takeClientSpans(recording)
    assert.ok(span!.durationSeconds >= 0.018, `${span!.durationSeconds} s`)
  })

  it('end when nobody listens for the response: Node drains it', async () => {
    http.get(`${backend.url}/big`)
    const [span] = await takeClientSpans(recording)
    assert.equal(span?.attributes['http.response.status_code'], 200)
    assert.equal(span.statusCode, SpanStatusCode.UNSET)
  })

  it('make one span where get() is wrapped by another library', async () => {
    const ours = http.get
    http.get = ((...args: Parameters<typeof http.get>) => http.request(...args).end()) as typeof http.get
    try {
      await answerOf(http.get(backend.url))
    } finally {
      http.get = ours
    }
    assert.equal((await takeClientSpans(recording)).length, 1)
  })
})

describe('what stays as it was', () => {
  it('Node throws what it throws', () => {
    const call = http.request as (...args: unknown[]) => unknown
    assert.throws(() => call('nonsense'), { code: 'ERR_INVALID_URL' })
    assert.throws(() => call({ path: '/a b' }), { code: 'ERR_UNESCAPED_CHARACTERS' })
    assert.throws(() => call('ftp://127.0.0.1/'), { code: 'ERR_INVALID_PROTOCOL' })
    assert.throws(() => call({ host: 7 }), { code: 'ERR_INVALID_ARG_TYPE' })
  })

  it('a request has no listeners of ours', async () => {
    const made = http.get(`${backend.url}/`)
    for (const event of ['response', 'error', 'upgrade', 'connect', 'close'])
      assert.equal(made.listenerCount(event), 0, event)
    assert.deepEqual(
      Object.keys(made).filter((key) => key === 'emit' || key === 'destroy'),
      [],
    )
    made.on('error', () => {}).destroy()
    await takeClientSpans(recording)
  })

  it('an upgrade reaches its listener, and its span ends', async () => {
    const made = http.get(backend.url, { headers: { connection: 'upgrade', upgrade: 'test' } })
    const [response, socket] = (await once(made, 'upgrade')) as [IncomingMessage, NodeJS.WritableStream]
    socket.end()
    assert.equal(response.statusCode, 101)
    const [span] = await takeClientSpans(recording)
    assert.equal(span?.attributes['http.response.status_code'], 101)
    assert.equal(span.statusCode, SpanStatusCode.UNSET)
  })

  it('10,000 requests over one agent leave no listeners behind', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 4 })
    const next = async (count: number) => {
      for (let i = 0; i < count; i++) await answerOf(http.get(backend.url, { agent }))
    }
    await Promise.all([next(100), next(100), next(100), next(100)])
    const listeners = () =>
      Object.values(agent.freeSockets)
        .flatMap((sockets) => sockets ?? [])
        .map((socket) => socket.eventNames().reduce((sum, name) => sum + socket.listenerCount(name), 0))
    const atFirst = listeners()
    await Promise.all([next(2_400), next(2_400), next(2_400), next(2_400)])
    assert.deepEqual(listeners(), atFirst)
    assert.equal((await takeClientSpans(recording, 10_000)).length, 10_000)
    agent.destroy()
  })
})

describe('https', () => {
  it('is observed as http is', async () => {
    const server = https.createServer({ key: PRIVATE_KEY, cert: CERTIFICATE }, (_, response) =>
      response.end('ok'),
    )
    const port = await listen(server as unknown as http.Server)
    await answerOf(https.get(`https://localhost:${port}/s`, { ca: CERTIFICATE, family: 4 }))
    const [span] = await takeClientSpans(recording)
    assert.equal(span?.attributes['url.full'], `https://localhost:${port}/s`)
    assert.equal(span.attributes['server.address'], 'localhost')
    assert.equal(span.attributes['server.port'], port)
    assert.equal(span.attributes['network.peer.address'], '127.0.0.1')
    await close(server as unknown as http.Server)
  })
})

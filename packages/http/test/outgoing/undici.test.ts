import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { instrumentOutgoing } from '@hashira/http'
import { tracer } from '@hashira/tracing'
import { SpanStatusCode } from '@opentelemetry/api'
import { type Recording, recordSpans } from '../support/recorded'
import { type Backend, startBackend } from './support/backend'
import { clientSeries, takeClientSpans } from './support/client-spans'
import { type Call, globalFetch, type Undici, undiciCalls, undiciVersions } from './support/clients'

const STALE = '00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01'

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

for (const { name, skip, load } of undiciVersions) {
  for (const [kind, callOf] of Object.entries(undiciCalls))
    describe(`${name} ${kind}()`, { skip }, () => observesCalls(() => callOf(load())))
  describe(`${name} request() without reading`, { skip }, () => observesBodies(load))
}

describe("Node's own fetch()", () => observesCalls(() => globalFetch))

function observesCalls(callOf: () => Call): void {
  it('leaves a client span under the caller, and sends it along', async () => {
    const url = `${backend.url}/a?token=hush&page=2`
    let parent = ''
    await tracer.span('caller', (span) => {
      parent = span.spanContext().spanId
      return callOf()(url)
    })
    const [span] = await takeClientSpans(recording)
    assert.equal(span?.name, 'GET')
    assert.equal(span.scope.name, '@hashira/http')
    assert.equal(span.parentSpanId, parent)
    assert.equal(span.statusCode, SpanStatusCode.UNSET)
    assert.deepEqual(
      { ...span.attributes },
      {
        'http.request.method': 'GET',
        'url.full': `${backend.url}/a?token=REDACTED&page=2`,
        'server.address': '127.0.0.1',
        'server.port': backend.port,
        'network.peer.address': '127.0.0.1',
        'network.peer.port': backend.port,
        'http.response.status_code': 200,
        'network.protocol.version': '1.1',
      },
    )
    assert.equal(backend.received[0]?.url, '/a?token=hush&page=2')
    assert.equal(backend.received[0]?.headers['traceparent'], `00-${span.traceId}-${span.spanId}-03`)
  })

  it('replaces headers of the app and leaves the others', async () => {
    const headers = { TraceParent: STALE, tracestate: 'old=1', 'x-mine': 'yes', accept: 'text/plain' }
    await callOf()(backend.url, { headers })
    const [span] = await takeClientSpans(recording)
    const { rawHeaders, headers: sent } = backend.received[0]!
    const names = rawHeaders.filter((_, i) => i % 2 === 0).map((header) => header.toLowerCase())
    assert.equal(names.filter((header) => header === 'traceparent').length, 1)
    assert.ok(!names.includes('tracestate'), 'belongs to the replaced traceparent')
    assert.equal(sent['traceparent'], `00-${span?.traceId}-${span?.spanId}-03`)
    assert.equal(sent['x-mine'], 'yes')
    assert.equal(sent['accept'], 'text/plain')
  })

  it('measures each call, with status and error', async () => {
    const before = await clientSeries(backend.port)
    await callOf()(`${backend.url}/status/204`)
    await callOf()(`${backend.url}/status/404`)
    const spans = await takeClientSpans(recording, 2)
    const failed = spans.find(({ attributes }) => attributes['http.response.status_code'] === 404)
    assert.equal(failed?.statusCode, SpanStatusCode.ERROR)
    assert.equal(failed.attributes['error.type'], '404')
    const after = await clientSeries(backend.port)
    for (const [status, errorType] of [
      [204, undefined],
      [404, '404'],
    ] as const) {
      const of = (all: typeof after) =>
        all.find(({ labels }) => labels['http.response.status_code'] === status)
      const series = of(after)
      assert.deepEqual(series?.labels, {
        'http.request.method': 'GET',
        'server.address': '127.0.0.1',
        'server.port': backend.port,
        'http.response.status_code': status,
        ...(errorType === undefined ? {} : { 'error.type': errorType }),
        'network.protocol.version': '1.1',
      })
      assert.equal(series?.count, (of(before)?.count ?? 0) + 1)
      assert.ok(series.sum > 0)
    }
  })

  it('marks a refused connection with its code', async () => {
    const gone = await startBackend()
    await gone.close()
    await assert.rejects(callOf()(gone.url))
    const [span] = await takeClientSpans(recording)
    assert.equal(span?.statusCode, SpanStatusCode.ERROR)
    assert.equal(span.attributes['error.type'], 'ECONNREFUSED')
    assert.equal(span.events[0]?.name, 'exception')
    assert.equal((await clientSeries(gone.port))[0]?.labels['error.type'], 'ECONNREFUSED')
  })

  it('does not take a cancelled call for an error', async () => {
    const controller = new AbortController()
    const call = callOf()(`${backend.url}/hang`, { signal: controller.signal })
    setTimeout(() => controller.abort(), 20)
    await assert.rejects(call)
    const [span] = await takeClientSpans(recording)
    assert.equal(span?.statusCode, SpanStatusCode.UNSET)
    assert.equal(span.attributes['error.type'], undefined)
    assert.equal(span.attributes['http.response.status_code'], undefined)
  })

  it('marks a body that breaks', async () => {
    await assert.rejects(callOf()(`${backend.url}/broken`))
    const [span] = await takeClientSpans(recording)
    assert.equal(span?.statusCode, SpanStatusCode.ERROR)
    assert.equal(span.attributes['http.response.status_code'], 200)
    assert.match(String(span.attributes['error.type']), /^(UND_ERR_SOCKET|ECONNRESET)$/)
  })

  it('lasts until the body is complete', async () => {
    await callOf()(`${backend.url}/slow-body`)
    const [span] = await takeClientSpans(recording)
    assert.ok(span!.durationSeconds >= 0.018, `${span!.durationSeconds} s`)
  })
}

function observesBodies(load: () => Undici): void {
  it('ends a call whose body is given up, without an error', async () => {
    const { body } = await load().request(`${backend.url}/big`)
    body.on('error', () => {})
    body.destroy()
    const [span] = await takeClientSpans(recording)
    assert.equal(span?.statusCode, SpanStatusCode.UNSET)
    assert.equal(span.attributes['http.response.status_code'], 200)
  })
}

describe('redirects of fetch()', () => {
  it('are a span each, all under the caller', async () => {
    let parent = ''
    await tracer.span('caller', (span) => {
      parent = span.spanContext().spanId
      return globalFetch(`${backend.url}/redirect`)
    })
    const spans = await takeClientSpans(recording, 2)
    const sent = backend.received.map(({ headers }) => headers['traceparent'])
    assert.deepEqual(
      spans.map(({ attributes }) => attributes['http.response.status_code']),
      [302, 200],
    )
    assert.deepEqual(
      spans.map(({ parentSpanId }) => parentSpanId),
      [parent, parent],
    )
    assert.deepEqual(
      sent,
      spans.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-03`),
    )
  })
})

describe('an unknown method', () => {
  it('is _OTHER, with the original beside it', async () => {
    const { load } = undiciVersions[1]!
    await undiciCalls['request']!(load())(backend.url, { method: 'PROPFIND' })
    const [span] = await takeClientSpans(recording)
    assert.equal(span?.name, 'HTTP')
    assert.equal(span.attributes['http.request.method'], '_OTHER')
    assert.equal(span.attributes['http.request.method_original'], 'PROPFIND')
  })
})

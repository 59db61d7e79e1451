import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { activeContext, spanOf } from '@hashira/core'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import type { AdapterBench } from './adapter-bench'
import type { AdapterAnswer, AdapterRoute } from './adapter-options'
import { randomHex } from './random-hex'

type Case = readonly [title: string, run: (bench: AdapterBench) => Promise<void>]

export const ADAPTER_CASES: readonly Case[] = [
  ['names a request by its route', namedByRoute],
  ['tells what was asked, without secrets', attributes],
  ['measures by route and status', measures],
  ['knows no route for an unknown path', unknownPath],
  ['takes a 404 of a handler for no error', own404],
  ['HEAD of a GET route', head],
  ['POST', post],
  ['a method that nobody knows', unknownMethod],
  ['a handler that throws', (bench) => fails(bench, () => failure())],
  ['a handler that rejects', (bench) => fails(bench, async () => failure())],
  ['a handler that answers 500', answers500],
  ['a client that goes away', goesAway],
  ['goes on with the trace of the caller', remoteParent],
  ['begins a trace without a caller, or with one that is none', noParent],
  ['the handler runs in the context of its span', contextOfHandler],
  ['50 requests at once do not mix', manyAtOnce],
  ['one after the other on one connection', oneConnection],
]

const OK: AdapterAnswer = { status: 200, body: 'ok' }

function get(path: string, handle: AdapterRoute['handle'] = () => OK): AdapterRoute {
  return { method: 'GET', path, handle }
}

async function namedByRoute(bench: AdapterBench): Promise<void> {
  await bench.serve(get('/users/:id'), get('/users/:id/orders'))
  assert.equal((await bench.ask('/users/7/orders')).status, 200)
  const span = await bench.onlySpan()
  assert.equal(span.name, `GET ${bench.routeName('/users/:id/orders')}`)
  assert.equal(span.kind, SpanKind.SERVER)
  assert.equal(span.statusCode, SpanStatusCode.UNSET)
  assert.equal(span.isLocalRoot, true)
}

async function attributes(bench: AdapterBench): Promise<void> {
  await bench.serve(get('/users/:id'))
  await bench.ask('/users/7?page=2&token=secret')
  const { attributes } = await bench.onlySpan()
  const told = (key: string) => attributes[key]
  assert.equal(told('http.request.method'), 'GET')
  assert.equal(told('http.route'), bench.routeName('/users/:id'))
  assert.equal(told('http.response.status_code'), 200)
  assert.equal(told('url.path'), `${bench.prefix}/users/7`)
  assert.equal(told('url.scheme'), 'http')
  assert.equal(told('url.query'), 'page=2&token=REDACTED')
  assert.equal(told('server.address'), '127.0.0.1')
}

async function measures(bench: AdapterBench): Promise<void> {
  let status = 200
  await bench.serve(get('/users/:id', () => ({ status, body: '' })))
  await bench.ask('/users/1')
  await bench.ask('/users/2')
  status = 503
  await bench.ask('/users/3')
  await bench.spans(3)
  assert.deepEqual(await bench.measured('/users/:id'), { 200: 2, 503: 1 })
}

async function unknownPath(bench: AdapterBench): Promise<void> {
  await bench.serve(get('/users/:id'))
  assert.equal((await bench.ask('/nowhere')).status, 404)
  const { name, attributes, statusCode } = await bench.onlySpan()
  assert.equal(name, 'GET')
  assert.ok(!attributes['http.route'], String(attributes['http.route']))
  assert.equal(attributes['http.response.status_code'], 404)
  assert.equal(statusCode, SpanStatusCode.UNSET)
}

async function own404(bench: AdapterBench): Promise<void> {
  await bench.serve(get('/users/:id', () => ({ status: 404, body: 'no such user' })))
  await bench.ask('/users/7')
  const { name, statusCode } = await bench.onlySpan()
  assert.equal(name, `GET ${bench.routeName('/users/:id')}`)
  assert.equal(statusCode, SpanStatusCode.UNSET)
}

async function head(bench: AdapterBench): Promise<void> {
  await bench.serve(get('/users/:id'))
  assert.equal((await bench.ask('/users/7', { method: 'HEAD' })).body.length, 0)
  const { name, attributes } = await bench.onlySpan()
  assert.equal(name, `HEAD ${bench.routeName('/users/:id')}`)
  assert.equal(attributes['http.request.method'], 'HEAD')
}

async function post(bench: AdapterBench): Promise<void> {
  await bench.serve({ method: 'POST', path: '/orders', handle: () => ({ status: 201, body: '' }) })
  await bench.ask('/orders', { method: 'POST' })
  const { name, attributes } = await bench.onlySpan()
  assert.equal(name, `POST ${bench.routeName('/orders')}`)
  assert.equal(attributes['http.response.status_code'], 201)
}

async function unknownMethod(bench: AdapterBench): Promise<void> {
  await bench.serve(get('/users/:id'))
  await bench.ask('/users/7', { method: 'PURGE' })
  const { name, attributes } = await bench.onlySpan()
  assert.equal(attributes['http.request.method'], '_OTHER')
  assert.equal(attributes['http.request.method_original'], 'PURGE')
  assert.match(name, /^HTTP/)
}

function failure(): never {
  throw new TypeError('no such table')
}

async function fails(bench: AdapterBench, handle: AdapterRoute['handle']): Promise<void> {
  await bench.serve(get('/users/:id', handle))
  assert.equal((await bench.ask('/users/7')).status, 500)
  const span = await bench.onlySpan()
  assert.equal(span.name, `GET ${bench.routeName('/users/:id')}`)
  assert.equal(span.statusCode, SpanStatusCode.ERROR)
  assert.equal(span.attributes['http.response.status_code'], 500)
  assert.equal(span.attributes['error.type'], 'TypeError')
  const exceptions = span.events.filter(({ name }) => name === 'exception')
  assert.deepEqual(
    exceptions.map(({ attributes }) => attributes['exception.message']),
    ['no such table'],
  )
}

async function answers500(bench: AdapterBench): Promise<void> {
  await bench.serve(get('/users/:id', () => ({ status: 500, body: '' })))
  await bench.ask('/users/7')
  const { statusCode, attributes, events } = await bench.onlySpan()
  assert.equal(statusCode, SpanStatusCode.ERROR)
  assert.equal(attributes['error.type'], '500')
  assert.deepEqual(events, [])
}

async function goesAway(bench: AdapterBench): Promise<void> {
  let entered = false
  const never = () => {
    entered = true
    return new Promise<never>(() => {})
  }
  await bench.serve(get('/slow', never))
  const answer = bench.ask('/slow').then(
    () => 'an answer',
    () => 'none',
  )
  await bench.waitFor(() => entered, 'the handler')
  bench.hangUp()
  assert.equal(await answer, 'none')
  const { name, attributes } = await bench.onlySpan()
  assert.equal(name, `GET ${bench.routeName('/slow')}`)
  assert.equal(attributes['error.type'], 'aborted')
  assert.equal(attributes['http.response.status_code'], undefined)
}

async function remoteParent(bench: AdapterBench): Promise<void> {
  await bench.serve(get('/users/:id'))
  const caller = { traceId: randomHex(16), spanId: randomHex(8) }
  await bench.ask('/users/7', {
    headers: { traceparent: `00-${caller.traceId}-${caller.spanId}-01`, tracestate: 'vendor=1' },
  })
  const span = await bench.onlySpan()
  assert.deepEqual([span.traceId, span.parentSpanId], [caller.traceId, caller.spanId])
  assert.deepEqual([span.parentIsRemote, span.isLocalRoot, span.traceState], [true, true, 'vendor=1'])
}

async function noParent(bench: AdapterBench): Promise<void> {
  await bench.serve(get('/users/:id'))
  await bench.ask('/users/1')
  await bench.ask('/users/2', { headers: { traceparent: `00-${'0'.repeat(32)}-${randomHex(8)}-01` } })
  const spans = await bench.spans(2)
  assert.ok(spans.every(({ parentSpanId }) => parentSpanId === undefined))
  assert.notEqual(spans[0]?.traceId, spans[1]?.traceId)
}

function activeSpanId(): string | undefined {
  return spanOf(activeContext())?.spanContext().spanId
}

async function contextOfHandler(bench: AdapterBench): Promise<void> {
  const seen: (string | undefined)[] = []
  const look = () => seen.push(activeSpanId())
  const handle = async () => {
    look()
    await nextTurn()
    look()
    await new Promise((resolve) => setTimeout(resolve, 1))
    look()
    return OK
  }
  await bench.serve(get('/users/:id', handle))
  await bench.ask('/users/7')
  const { spanId } = await bench.onlySpan()
  assert.deepEqual(seen, [spanId, spanId, spanId])
  assert.equal(activeSpanId(), undefined)
}

async function manyAtOnce(bench: AdapterBench): Promise<void> {
  const traceOfHandler = async () => {
    await nextTurn()
    return { status: 200, body: spanOf(activeContext())?.spanContext().traceId ?? '' }
  }
  await bench.serve(get('/users/:id', traceOfHandler))
  const traceIds = Array.from({ length: 50 }, () => randomHex(16))
  const answers = await Promise.all(
    traceIds.map((traceId, i) =>
      bench.ask(`/users/${i}`, { headers: { traceparent: `00-${traceId}-${randomHex(8)}-01` } }),
    ),
  )
  assert.deepEqual(
    answers.map(({ body }) => body.toString()),
    traceIds,
  )
  const spans = await bench.spans(50)
  assert.deepEqual(spans.map(({ traceId }) => traceId).sort(), traceIds.sort())
}

async function oneConnection(bench: AdapterBench): Promise<void> {
  await bench.serve(get('/users/:id'))
  for (let i = 0; i < 5; i++) await bench.ask(`/users/${i}`)
  const spans = await bench.spans(5)
  assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 5)
  assert.deepEqual(
    spans.map(({ attributes }) => attributes['url.path']),
    Array.from({ length: 5 }, (_, i) => `${bench.prefix}/users/${i}`),
  )
}

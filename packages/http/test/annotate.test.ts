import assert from 'node:assert/strict'
import { createServer, type RequestListener, type Server } from 'node:http'
import { after, afterEach, before, test } from 'node:test'
import { annotate, type Operation, operationOf, runInContext } from '@hashira/core'
import { createServerObserver, type ObserveOptions } from '@hashira/http'
import { tracer } from '@hashira/tracing'
import { ask, close, listen } from './support/client'
import { type Recording, recordSpans, until, useContextManager } from './support/recorded'

let recording: Recording
const servers: Server[] = []

before(() => {
  useContextManager()
  recording = recordSpans()
})
afterEach(async () => {
  await Promise.all(servers.splice(0).map(close))
  recording.spans.length = 0
})
after(() => recording.stop())

async function serve(handler: RequestListener, options?: ObserveOptions): Promise<number> {
  const observer = createServerObserver('observe()', options)
  const server = createServer((request, response) => {
    const context = observer.begin(request, response, request, response, request.url as string)
    runInContext(context, () => handler(request, response))
  })
  servers.push(server)
  return listen(server)
}

test('fifty requests at once: every span has its own request’s fields', async () => {
  const port = await serve(async (request, response) => {
    const id = request.url!.slice(1)
    await tracer.span('load', async () => {
      await new Promise(setImmediate)
      annotate({ 'tenant.id': id })
    })
    await new Promise((resolve) => setTimeout(resolve, Number(id) % 5))
    await tracer.span('work', async () => tracer.span('query', () => new Promise(setImmediate)))
    response.end(id)
  })
  const ids = Array.from({ length: 50 }, (_, index) => String(index))
  await Promise.all(ids.map((id) => ask(port, `/${id}`)))
  await until(() => recording.spans.length === ids.length * 4)
  const servers = recording.spans.filter((span) => span.attributes['url.path'] !== undefined)
  for (const server of servers) {
    const id = String(server.attributes['url.path']).slice(1)
    const spans = recording.spans.filter((span) => span.traceId === server.traceId)
    assert.deepEqual(
      spans.map((span) => span.attributes['tenant.id']),
      [id, id, id, id],
    )
  }
})

test('fields are let go with the response, and none are taken after it', async () => {
  let operation: Operation | undefined
  let isLate = false
  const port = await serve((_request, response) => {
    annotate({ 'tenant.id': 'acme' })
    operation = operationOf()
    assert.deepEqual(operation?.fields?.flat, ['tenant.id', 'acme'])
    response.on('close', () => {
      annotate({ late: true })
      tracer.span('late work', () => undefined)
      isLate = operationOf() === operation
    })
    response.end()
  })
  await ask(port, '/')
  await until(() => recording.spans.length === 2)
  assert.equal(isLate, true)
  assert.equal(operation?.fields, undefined)
  const attributes = recording.spans.map((span) => [span.attributes['tenant.id'], span.attributes['late']])
  assert.deepEqual(attributes, [
    ['acme', undefined],
    [undefined, undefined],
  ])
})

test('hooks run in the request’s context: they annotate like its handlers', async () => {
  const port = await serve((_request, response) => tracer.span('child', () => void response.end()), {
    onRequest: (_span, request) => annotate({ 'tenant.id': request.headers['x-tenant'] }),
    onResponse: (_span, _request, response) => annotate({ 'app.status': response.statusCode }),
  })
  await ask(port, '/', { headers: { 'x-tenant': 'acme' } })
  await until(() => recording.spans.length === 2)
  const attributes = recording.spans.map((span) => [
    span.attributes['tenant.id'],
    span.attributes['app.status'],
  ])
  assert.deepEqual(attributes, [
    ['acme', undefined],
    ['acme', 200],
  ])
})

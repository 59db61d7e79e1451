import assert from 'node:assert/strict'
import { once } from 'node:events'
import http, { type ClientRequest } from 'node:http'
import { after, afterEach, before, describe, it } from 'node:test'
import { instrumentOutgoing } from '@hashira/http'
import { SpanStatusCode } from '@opentelemetry/api'
import { type Recording, recordSpans } from '../support/recorded'
import { type Backend, startBackend } from './support/backend'
import { takeClientSpans } from './support/client-spans'

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
})

after(async () => {
  undo()
  recording.stop()
  await backend.close()
})

async function errorOf(made: ClientRequest): Promise<Error> {
  const [error] = (await once(made, 'error')) as [Error]
  return error
}

describe('giving up', () => {
  const ways: Record<string, (url: string) => ClientRequest> = {
    'an AbortSignal': (url) => http.get(url, { signal: abortSoon() }),
    'destroy()': (url) => soon(http.get(url), (made) => made.destroy()),
    'abort()': (url) => soon(http.get(url), (made) => made.abort()),
  }
  for (const [name, call] of Object.entries(ways)) {
    it(`by ${name} is no error`, async () => {
      await errorOf(call(`${backend.url}/hang`))
      const [span] = await takeClientSpans(recording)
      assert.equal(span?.statusCode, SpanStatusCode.UNSET)
      assert.equal(span.attributes['error.type'], undefined)
    })
  }

  it('within the body is no error', async () => {
    http.get(`${backend.url}/big`, (response) => response.once('data', () => response.destroy()))
    const [span] = await takeClientSpans(recording)
    assert.equal(span?.statusCode, SpanStatusCode.UNSET)
    assert.equal(span.attributes['http.response.status_code'], 200)
  })

  it('after a timeout is one', async () => {
    const made = http.get(`${backend.url}/hang`, { timeout: 20 })
    made.on('timeout', () => made.destroy())
    await errorOf(made)
    const [span] = await takeClientSpans(recording)
    assert.equal(span?.statusCode, SpanStatusCode.ERROR)
    assert.equal(span.attributes['error.type'], 'timeout')
  })

  it('with an error of its own is that error', async () => {
    const made = http.get(`${backend.url}/hang`)
    setTimeout(() => made.destroy(new RangeError('enough')), 20)
    await errorOf(made)
    const [span] = await takeClientSpans(recording)
    assert.equal(span?.attributes['error.type'], 'RangeError')
  })
})

function abortSoon(): AbortSignal {
  const controller = new AbortController()
  setTimeout(() => controller.abort(), 20)
  return controller.signal
}

function soon(made: ClientRequest, act: (made: ClientRequest) => void): ClientRequest {
  setTimeout(() => act(made), 20)
  return made
}

import assert from 'node:assert/strict'
import { request } from 'node:http'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type FaultyBackend, faultyBackend, waitFor } from '@hashira/testing'

interface Answer {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly body: string
}

function post(url: string, body: Buffer, headers = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', headers, agent: false }, async (response) => {
      try {
        let text = ''
        for await (const chunk of response) text += chunk
        resolve({ status: response.statusCode!, retryAfter: response.headers['retry-after'], body: text })
      } catch (error) {
        reject(error)
      }
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

describe('faultyBackend', () => {
  let backend: FaultyBackend
  const five = Buffer.alloc(5)
  beforeEach(async () => {
    backend = await faultyBackend({ countItems: (body) => body.length })
  })
  afterEach(() => backend.stop())

  test('ok counts what it took, compressed or not', async () => {
    assert.equal((await post(backend.url, five)).status, 200)
    assert.equal((await post(backend.url, gzipSync(five), { 'content-encoding': 'gzip' })).status, 200)
    assert.deepEqual([backend.requestCount, backend.itemCount], [2, 10])
  })

  test('status takes nothing', async () => {
    backend.behaviour = { kind: 'status', status: 503, retryAfter: '7', body: 'later' }
    assert.deepEqual(await post(backend.url, five), { status: 503, retryAfter: '7', body: 'later' })
    assert.deepEqual([backend.requestCount, backend.itemCount], [1, 0])
  })

  test('reset cuts the connection', async () => {
    backend.behaviour = { kind: 'reset' }
    await assert.rejects(post(backend.url, five), { code: 'ECONNRESET' })
    assert.deepEqual([backend.requestCount, backend.itemCount], [1, 0])
  })

  test('hang never answers, until it dies', async () => {
    backend.behaviour = { kind: 'hang' }
    const answer = assert.rejects(post(backend.url, five), { code: 'ECONNRESET' })
    await waitFor(() => backend.requestCount === 1)
    await backend.stop()
    await answer
    assert.equal(backend.itemCount, 0)
  })

  test('dies and comes back on the same port', async () => {
    const { url } = backend
    await backend.stop()
    await assert.rejects(post(url, five), { code: 'ECONNREFUSED' })
    await backend.start()
    assert.equal(backend.url, url)
    assert.equal((await post(url, five)).status, 200)
  })

  test('slow takes its items one request after the other', async () => {
    backend.behaviour = { kind: 'slow', itemsPerSecond: 100 }
    const start = performance.now()
    await Promise.all([post(backend.url, five), post(backend.url, five)])
    assert.ok(performance.now() - start >= 95)
    assert.equal(backend.itemCount, 10)
  })

  test('partial takes a part and says so', async () => {
    backend.behaviour = { kind: 'partial', rejected: 2, body: 'two are bad' }
    assert.equal((await post(backend.url, five)).body, 'two are bad')
    assert.equal(backend.itemCount, 3)
  })

  test('cuts within a request and within an answer take nothing', async () => {
    backend.behaviour = { kind: 'reset_request' }
    await assert.rejects(post(backend.url, Buffer.alloc(10 * 1024 * 1024)))
    assert.equal(backend.requestCount, 0)
    backend.behaviour = { kind: 'reset_answer' }
    await assert.rejects(post(backend.url, five))
    assert.deepEqual([backend.requestCount, backend.itemCount], [1, 0])
  })

  test('stall takes everything and never ends its answer', async () => {
    backend.behaviour = { kind: 'stall' }
    const answer = assert.rejects(post(backend.url, five))
    await waitFor(() => backend.itemCount === 5)
    await backend.stop()
    await answer
  })

  test('flood answers with as many bytes', async () => {
    backend.behaviour = { kind: 'flood', bytes: 300_000 }
    assert.equal((await post(backend.url, five)).body.length, 300_000)
    assert.deepEqual([backend.itemCount, backend.floodedBytes], [5, 300_000])
  })

  test('each decides for every request', async () => {
    backend.behaviour = {
      kind: 'each',
      choose: (number) => (number === 1 ? { kind: 'status', status: 503 } : { kind: 'ok' }),
    }
    const statuses = [await post(backend.url, five), await post(backend.url, five)].map(
      ({ status }) => status,
    )
    assert.deepEqual(statuses, [503, 200])
  })

  test('a body that can not be read is not taken', async () => {
    await assert.rejects(post(backend.url, five, { 'content-encoding': 'gzip' }))
    assert.equal(backend.itemCount, 0)
  })
})

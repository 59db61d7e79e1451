import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, describe, it } from 'node:test'
import { childOf, observed } from './support/observed.ts'
import { redisServer } from './support/redis-server.ts'

const require = createRequire(import.meta.url)
const { inRequest } = observed({})
const { Redis } = require('ioredis')
const { createClient } = require('@redis/client')
const port = await redisServer()

describe('ioredis by its own channels', () => {
  const client = new Redis({ host: '127.0.0.1', port, lazyConnect: true })
  after(() => client.disconnect())

  it('a command: name, arguments without values, server, parent', async () => {
    await client.connect()
    const { request, inside } = await inRequest(async () => {
      assert.equal(await client.get('cart:7'), 'value of cart:7')
    })
    const span = childOf(request, inside, '@hashira/ioredis')
    assert.equal(span.name, 'GET')
    assert.equal(span.kind, 2)
    assert.deepEqual(span.attributes, {
      'db.system.name': 'redis',
      'db.namespace': '0',
      'server.address': '127.0.0.1',
      'server.port': port,
      'db.operation.name': 'GET',
      'db.query.text': 'GET cart:7',
    })
    const set = await inRequest(() => client.set('cart:7', 'secret'))
    assert.equal(
      childOf(set.request, set.inside, '@hashira/ioredis').attributes['db.query.text'],
      'SET cart:7 ?',
    )
  })

  it('an error answer', async () => {
    const { request, inside } = await inRequest(() => assert.rejects(client.incr('cart:7'), /WRONGTYPE/))
    const span = childOf(request, inside, '@hashira/ioredis')
    assert.equal(span.statusCode, 2)
    assert.equal(span.attributes['db.response.status_code'], 'WRONGTYPE')
  })

  it('a transaction is one span with its commands below', async () => {
    const { request, inside } = await inRequest(() => client.multi().set('a', '1').set('b', '2').exec(), 3)
    const batch = inside.find(({ attributes }) => attributes['db.operation.batch.size'] === 2)
    assert.equal(batch?.name, 'MULTI')
    assert.equal(batch.parentSpanId, request.spanId)
    assert.deepEqual(inside.filter(({ attributes }) => attributes['db.query.text'] === 'SET a ?').length, 1)
  })
})

describe('node-redis by its own channels', () => {
  const client = createClient({ url: `redis://127.0.0.1:${port}` })
  after(() => client.destroy())

  it('a command', async () => {
    await client.connect()
    const { request, inside } = await inRequest(() => client.set('cart:7', 'secret'))
    const span = childOf(request, inside, '@hashira/node-redis')
    assert.equal(span.name, 'SET')
    assert.equal(span.attributes['db.query.text'], 'SET cart:7 ?')
    assert.equal(span.attributes['db.system.name'], 'redis')
    assert.equal(span.attributes['server.address'], '127.0.0.1')
  })

  it('an error answer', async () => {
    const { request, inside } = await inRequest(() => assert.rejects(client.incr('cart:7'), /WRONGTYPE/))
    assert.equal(
      childOf(request, inside, '@hashira/node-redis').attributes['db.response.status_code'],
      'WRONGTYPE',
    )
  })

  it('a transaction', async () => {
    const { inside } = await inRequest(() => client.multi().set('a', '1').set('b', '2').exec())
    const batch = inside.find(({ attributes }) => attributes['db.operation.batch.size'] === 2)
    assert.equal(batch?.name, 'MULTI')
  })
})

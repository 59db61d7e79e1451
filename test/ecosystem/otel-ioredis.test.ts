import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, test } from 'node:test'
import { IORedisInstrumentation } from '@opentelemetry/instrumentation-ioredis'
import { childOf, observed } from './support/observed.ts'
import { redisServer } from './support/redis-server.ts'

const require = createRequire(import.meta.url)
const { inRequest } = observed({ instrumentations: [new IORedisInstrumentation()] })
const { Redis } = require('ioredis')

test('ioredis by its OpenTelemetry instrumentation: one span a command, none of the channels', async () => {
  const client = new Redis({ host: '127.0.0.1', port: await redisServer(), lazyConnect: true })
  after(() => client.disconnect())
  await client.connect()
  const { request, inside } = await inRequest(() => client.get('cart:7'))
  childOf(request, inside, '@opentelemetry/instrumentation-ioredis')
  assert.equal(inside.length, 1)
})

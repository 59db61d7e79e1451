import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, test } from 'node:test'
import { MongoDBInstrumentation } from '@opentelemetry/instrumentation-mongodb'
import { mongoServer } from './support/mongo-server.ts'
import { childOf, observed } from './support/observed.ts'

const require = createRequire(import.meta.url)
const { inRequest } = observed({ instrumentations: [new MongoDBInstrumentation()] })
const { MongoClient } = require('mongodb')

test('mongodb by its OpenTelemetry instrumentation', async () => {
  const client = new MongoClient(`mongodb://127.0.0.1:${await mongoServer()}/shop`)
  after(() => client.close())
  await client.connect()
  const { request, inside } = await inRequest(async () => {
    assert.equal((await client.db().collection('users').findOne({ id: 7 })).name, 'me')
  })
  const span = childOf(request, inside, '@opentelemetry/instrumentation-mongodb')
  assert.match(span.name, /find/)
})

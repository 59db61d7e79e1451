import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { tracer } from '@hashira/tracing'
import { childOf, observed } from './support/observed.ts'

const require = createRequire(import.meta.url)
const { inRequest } = observed({})

test('graphql 17 by its own channels', async () => {
  const { buildSchema, graphql } = require('graphql17')
  const schema = buildSchema('type Query { user(id: Int): String, broken: String }')
  const rootValue = {
    user: ({ id }: { id: number }) => tracer.span('load user', async () => `user ${id}`),
    broken: async () => {
      throw new Error('no such field')
    },
  }
  const ask = (source: string) => graphql({ schema, source, rootValue })

  const { request, inside } = await inRequest(() => ask('query FindUser { user(id: 7) }'), 2)
  const span = childOf(request, inside, '@hashira/graphql')
  assert.equal(span.name, 'query')
  assert.deepEqual(span.attributes, {
    'graphql.operation.type': 'query',
    'graphql.operation.name': 'FindUser',
  })
  assert.equal(inside.find(({ name }) => name === 'load user')?.parentSpanId, span.spanId)

  const failed = await inRequest(() => ask('{ broken }'))
  const failure = childOf(failed.request, failed.inside, '@hashira/graphql')
  assert.equal(failure.statusCode, 2)
  assert.equal(failure.statusMessage, 'no such field')
  assert.equal(failure.events.length, 1)
})

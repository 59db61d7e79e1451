import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { GraphQLInstrumentation } from '@opentelemetry/instrumentation-graphql'
import { observed } from './support/observed.ts'

const require = createRequire(import.meta.url)
const { inRequest } = observed({ instrumentations: [new GraphQLInstrumentation()] })
const { buildSchema, graphql } = require('graphql')

test('graphql by its OpenTelemetry instrumentation', async () => {
  const schema = buildSchema('type Query { user: String }')
  const { request, inside } = await inRequest(
    () => graphql({ schema, source: '{ user }', rootValue: { user: async () => 'me' } }),
    4,
  )
  const own = inside.filter(({ scope }) => scope.name === '@opentelemetry/instrumentation-graphql')
  const execute = own.find(({ name }) => name.startsWith('query') || name === 'graphql.execute')
  assert.equal(execute?.parentSpanId, request.spanId)
  assert.equal(own.find(({ name }) => name.startsWith('graphql.resolve'))?.parentSpanId, execute?.spanId)
})

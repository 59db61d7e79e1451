import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { waitFor } from '@hashira/testing'
import { AmqplibInstrumentation } from '@opentelemetry/instrumentation-amqplib'
import { amqpServer } from './support/amqp-server.ts'
import { childOf, observed } from './support/observed.ts'

const require = createRequire(import.meta.url)
const { inRequest } = observed({ instrumentations: [new AmqplibInstrumentation()] })
const amqplib = require('amqplib')

test('amqplib by its OpenTelemetry instrumentation: the span, and the context in the message', async () => {
  const published: Buffer[] = []
  const port = await amqpServer((headers) => published.push(headers))
  const connection = await amqplib.connect(`amqp://127.0.0.1:${port}`)
  const channel = await connection.createChannel()
  const { request, inside } = await inRequest(() => channel.publish('', 'orders', Buffer.from('hello')))
  const span = childOf(request, inside, '@opentelemetry/instrumentation-amqplib')
  assert.match(span.name, /publish/)
  const headers = await waitFor(() => published[0])
  assert.ok(headers!.includes(`${request.traceId}-${span.spanId}`))
  await connection.close()
})

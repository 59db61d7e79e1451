import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, test } from 'node:test'
import { KafkaJsInstrumentation } from '@opentelemetry/instrumentation-kafkajs'
import { kafkaServer } from './support/kafka-server.ts'
import { childOf, observed } from './support/observed.ts'

const require = createRequire(import.meta.url)
const { inRequest } = observed({ instrumentations: [new KafkaJsInstrumentation()] })
const { Kafka, logLevel, Partitioners } = require('kafkajs')

test('kafkajs by its OpenTelemetry instrumentation: the span, and the context in the message', async () => {
  const requests: Buffer[] = []
  const port = await kafkaServer((request) => requests.push(request))
  const kafka = new Kafka({
    brokers: [`127.0.0.1:${port}`],
    logLevel: logLevel.NOTHING,
    retry: { retries: 1 },
  })
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  after(() => producer.disconnect())
  await producer.connect()
  const { request, inside } = await inRequest(() =>
    producer.send({ topic: 'orders', messages: [{ value: 'hello' }] }),
  )
  const span = childOf(request, inside, '@opentelemetry/instrumentation-kafkajs')
  assert.equal(span.statusCode, 0)
  assert.ok(requests[0]!.includes(`${request.traceId}-${span.spanId}`))
})

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { AwsInstrumentation } from '@opentelemetry/instrumentation-aws-sdk'
import { childOf, observed } from './support/observed.ts'

const require = createRequire(import.meta.url)
const { inRequest } = observed({
  instrumentations: [new AwsInstrumentation({ suppressInternalInstrumentation: true })],
})
const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs')

test('aws-sdk by its OpenTelemetry instrumentation: the span, and the context in the message', async () => {
  // biome-ignore lint/suspicious/noExplicitAny: whatever the SDK sends
  let sent: any
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    sent = JSON.parse(Buffer.concat(chunks).toString())
    const digest = createHash('md5').update(sent.MessageBody).digest('hex')
    response.setHeader('content-type', 'application/x-amz-json-1.0')
    response.end(JSON.stringify({ MessageId: 'm1', MD5OfMessageBody: digest }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = new SQSClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    md5: false,
  })
  after(() => {
    client.destroy()
    server.close()
  })
  const { request, inside } = await inRequest(() =>
    client.send(new SendMessageCommand({ QueueUrl: `${endpoint}/1/orders`, MessageBody: 'hello' })),
  )
  const span = childOf(request, inside, '@opentelemetry/instrumentation-aws-sdk')
  assert.match(span.name, /orders/)
  assert.ok(sent.MessageAttributes.traceparent.StringValue.includes(`${request.traceId}-${span.spanId}`))
})

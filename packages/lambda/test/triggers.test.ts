import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { annotate, recordError } from '@hashira/core'
import { observe } from '@hashira/lambda'
import { memoryExporter } from '@hashira/testing'
import { type Hashira, start } from 'hashira'

const SERVER = 1
const CONSUMER = 4
const ERROR = 2
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'
const traceparent = `00-${TRACE}-${PARENT}-01`
const context = { functionName: 'shop', awsRequestId: 'r1', getRemainingTimeInMillis: () => 30_000 }

describe('what an event says', () => {
  const memory = memoryExporter()
  let hashira: Hashira

  before(() => {
    hashira = start({ exporters: [memory], quiet: true, handleSignals: false })
  })
  after(() => hashira.shutdown())

  async function spanOf(event: unknown, handler: () => unknown = () => ({})) {
    memory.reset()
    await observe(async (_event: unknown, _context: unknown) => handler())(event, context)
    assert.equal(memory.spans.length, 1)
    return memory.spans[0]!
  }

  it('a REST API of API Gateway: the route, the parent, the status', async () => {
    const event = {
      resource: '/users/{id}',
      path: '/users/7',
      httpMethod: 'GET',
      headers: { Host: 'api.example.com', traceparent, 'X-Forwarded-Proto': 'https', 'User-Agent': 'curl/8' },
      requestContext: { httpMethod: 'GET', stage: 'prod' },
    }
    const span = await spanOf(event, () => ({ statusCode: 503 }))
    assert.equal(span.name, 'GET /users/{id}')
    assert.equal(span.kind, SERVER)
    assert.equal(span.traceId, TRACE)
    assert.equal(span.parentSpanId, PARENT)
    assert.equal(span.attributes['faas.trigger'], 'http')
    assert.equal(span.attributes['http.route'], '/users/{id}')
    assert.equal(span.attributes['url.path'], '/users/7')
    assert.equal(span.attributes['url.scheme'], 'https')
    assert.equal(span.attributes['server.address'], 'api.example.com')
    assert.equal(span.attributes['user_agent.original'], 'curl/8')
    assert.equal(span.attributes['http.response.status_code'], 503)
    assert.equal(span.attributes['error.type'], '503')
    assert.equal(span.statusCode, ERROR)
  })

  it('an HTTP API of API Gateway', async () => {
    const span = await spanOf({
      version: '2.0',
      routeKey: 'POST /orders',
      rawPath: '/orders',
      headers: {},
      requestContext: { http: { method: 'POST', path: '/orders' } },
    })
    assert.equal(span.name, 'POST /orders')
    assert.equal(span.attributes['http.request.method'], 'POST')
  })

  it('a function URL has no route, so its span has the name of the function', async () => {
    const event = {
      version: '2.0',
      routeKey: '$default',
      rawPath: '/any/42',
      headers: { host: 'abc.lambda-url.eu-west-1.on.aws' },
      requestContext: { http: { method: 'GET', path: '/any/42' } },
    }
    const span = await spanOf(event)
    assert.equal(span.name, 'shop')
    assert.equal(span.kind, SERVER)
    assert.equal(span.attributes['http.route'], undefined)
    assert.equal(span.attributes['url.path'], '/any/42')
  })

  it('a load balancer with headers of several values', async () => {
    const span = await spanOf({
      requestContext: { elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/x/y' } },
      httpMethod: 'GET',
      path: '/health',
      multiValueHeaders: { traceparent: [traceparent] },
    })
    assert.equal(span.traceId, TRACE)
    assert.equal(span.attributes['url.path'], '/health')
  })

  it('SQS: a link per sender, what came back is an error', async () => {
    const record = (messageId: string, attributes: object, messageAttributes: object) => ({
      messageId,
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-west-1:123456789012:orders',
      attributes,
      messageAttributes,
    })
    const sent = { traceparent: { stringValue: traceparent, dataType: 'String' } }
    const header = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1'
    const Records = [
      record('a', {}, sent),
      record('b', {}, sent),
      record('c', { AWSTraceHeader: header }, {}),
      record('d', {}, {}),
    ]
    const span = await spanOf({ Records }, () => ({ batchItemFailures: [{ itemIdentifier: 'b' }] }))
    assert.equal(span.name, 'shop')
    assert.equal(span.kind, CONSUMER)
    assert.deepEqual(
      span.links.map(({ traceId, spanId }) => [traceId, spanId]),
      [
        [TRACE, PARENT],
        ['5759e988bd862e3fe1be46a994272793', '53995c3f42cd8ad8'],
      ],
    )
    assert.notEqual(span.traceId, TRACE)
    assert.equal(span.attributes['faas.trigger'], 'pubsub')
    assert.equal(span.attributes['messaging.system'], 'aws_sqs')
    assert.equal(span.attributes['messaging.destination.name'], 'orders')
    assert.equal(span.attributes['messaging.batch.message_count'], 4)
    assert.equal(span.attributes['hashira.batch.failed_count'], 1)
    assert.equal(span.attributes['error.type'], 'batch_item_failures')
    assert.equal(span.statusCode, ERROR)
  })

  it('SNS, Kinesis, DynamoDB, S3, EventBridge and its schedules', async () => {
    const sns = await spanOf({
      Records: [
        {
          EventSource: 'aws:sns',
          Sns: {
            TopicArn: 'arn:aws:sns:eu-west-1:1:news',
            MessageId: 'm',
            MessageAttributes: { traceparent: { Type: 'String', Value: traceparent } },
          },
        },
      ],
    })
    assert.equal(sns.links.length, 1)
    assert.equal(sns.attributes['messaging.destination.name'], 'news')
    const triggers = new Map<unknown, string>([
      [
        { Records: [{ eventSource: 'aws:kinesis', eventSourceARN: 'arn:aws:kinesis:r:1:stream/s' }] },
        'pubsub',
      ],
      [{ Records: [{ eventSource: 'aws:dynamodb' }] }, 'datasource'],
      [{ Records: [{ eventSource: 'aws:s3' }] }, 'datasource'],
      [{ 'detail-type': 'Order', source: 'shop', id: '1' }, 'pubsub'],
      [{ 'detail-type': 'Scheduled Event', source: 'aws.events' }, 'timer'],
    ])
    for (const [event, trigger] of triggers) {
      const span = await spanOf(event)
      assert.equal(span.attributes['faas.trigger'], trigger)
      assert.equal(span.kind, CONSUMER)
    }
  })

  it('events of any other shape do no harm', async () => {
    const hostile = new Proxy({}, { get: () => assert.fail('read') })
    for (const event of [undefined, null, 7, 'text', [], { Records: 3 }, { requestContext: 'x' }, hostile])
      assert.equal((await spanOf(event)).attributes['faas.trigger'], 'other')
  })

  it('annotate() and recordError() are about the invocation', async () => {
    const span = await spanOf({}, () => {
      annotate({ 'tenant.id': 'acme' })
      recordError(new Error('half done'))
    })
    assert.equal(span.attributes['tenant.id'], 'acme')
    assert.equal(span.statusCode, ERROR)
    assert.equal(span.events.length, 1)
  })

  it('refuses what is no handler and options that are none', () => {
    assert.throws(() => observe('index.handler' as never), { code: 'HASHIRA_OPTION_INVALID' })
    assert.throws(() => observe(() => {}, { flushTimeoutMs: -1 }), { code: 'HASHIRA_OPTION_INVALID' })
    assert.throws(() => observe(() => {}, { flushTimeout: 1 } as never), { code: 'HASHIRA_OPTION_UNKNOWN' })
  })
})

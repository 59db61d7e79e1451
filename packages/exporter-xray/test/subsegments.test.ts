import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SpanKind } from '@opentelemetry/api'
import { attributes, childOf, PARENT, SPAN, TRACE, times } from './support'

describe('subsegments', () => {
  it('child: what runs inside', () => {
    assert.deepEqual(childOf({ name: 'charge card' }), {
      name: 'charge card',
      id: SPAN,
      trace_id: TRACE,
      parent_id: PARENT,
      ...times,
      type: 'subsegment',
    })
  })

  it('HTTP to another service', () => {
    const { name, namespace, http, metadata } = childOf({
      kind: SpanKind.CLIENT,
      attributes: attributes([
        ...['http.request.method', 'GET', 'url.full', 'http://u:p@api.example:81/a?b=x#y'],
        ...['server.address', 'api.example', 'server.port', 81, 'http.response.status_code', 200],
        ...['http.response.header.content-length', ['17']],
      ]),
    })
    assert.deepEqual(
      { name, namespace, http, url: metadata.default['url.full'] },
      {
        name: 'api.example',
        namespace: 'remote',
        url: 'http://u:p@api.example:81/a?b=x#y',
        http: {
          request: { method: 'GET', url: 'http://api.example:81/a' },
          response: { status: 200, content_length: 17 },
        },
      },
    )
  })

  it('SQL', () => {
    const given = {
      kind: SpanKind.CLIENT,
      attributes: attributes([
        ...['db.system.name', 'postgresql', 'db.namespace', 'orders', 'server.address', 'db.example'],
        ...['server.port', 5432, 'db.query.text', 'SELECT * FROM t WHERE id = $1', 'db.user', 'app'],
      ]),
    }
    const { name, namespace, sql } = childOf(given)
    const block = { url: 'postgresql://db.example:5432/orders', database_type: 'postgresql', user: 'app' }
    assert.deepEqual(
      { name, namespace, sql },
      {
        name: 'orders@db.example',
        namespace: 'remote',
        sql: { ...block, sanitized_query: 'SELECT * FROM t WHERE id = $1' },
      },
    )
    const without = childOf(given, { collectSqlQueries: false })
    assert.deepEqual(without['sql'], block)
    assert.ok(!JSON.stringify(without).includes('SELECT'))
  })

  it('a connection string never shows a password', () => {
    const { sql } = childOf({
      kind: SpanKind.CLIENT,
      attributes: attributes([
        'db.system',
        'mssql',
        'db.connection_string',
        'Server=x;User=a;Password=geheim',
      ]),
    })
    assert.equal(sql.connection_string, 'Server=x;User=a;Password=REDACTED')
  })

  it('an AWS service', () => {
    const { name, namespace, aws } = childOf({
      kind: SpanKind.CLIENT,
      attributes: attributes([
        ...[
          'rpc.system',
          'aws-api',
          'rpc.service',
          'DynamoDB',
          'rpc.method',
          'GetItem',
          'aws.region',
          'eu-west-1',
        ],
        ...['aws.request_id', 'R1', 'aws.dynamodb.table_names', ['orders'], 'http.request.resend_count', 2],
      ]),
    })
    assert.deepEqual(
      { name, namespace, aws },
      {
        name: 'DynamoDB',
        namespace: 'aws',
        aws: {
          operation: 'GetItem',
          region: 'eu-west-1',
          request_id: 'R1',
          table_name: 'orders',
          retries: 2,
        },
      },
    )
    const queue = childOf({
      kind: SpanKind.PRODUCER,
      attributes: attributes([
        'rpc.system',
        'aws-api',
        'rpc.service',
        'SQS',
        'aws.sqs.queue.url',
        'https://q/1/a',
      ]),
    })
    assert.deepEqual(queue['aws'], { queue_url: 'https://q/1/a' })
  })

  it('links and events', () => {
    const link = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1, traceState: undefined }
    const { links, metadata } = childOf({
      name: 'a',
      links: [
        { ...link, isRemote: true, attributes: attributes([]) },
        { ...link, isRemote: true, attributes: attributes(['k', [1, null]]) },
      ],
      events: [{ name: 'retry', timeSeconds: 5, timeNanos: 500_000_000, attributes: attributes(['n', 1]) }],
    })
    const block = { trace_id: `1-${'1'.repeat(8)}-${'1'.repeat(24)}`, id: '2'.repeat(16) }
    assert.deepEqual(links, [block, { ...block, attributes: { k: [1, null] } }])
    assert.deepEqual(metadata, {
      default: { 'otel.events': [{ name: 'retry', time: 5.5, attributes: { n: 1 } }] },
    })
  })
})

describe('what is cut', () => {
  it('stays whole in the metadata', () => {
    const agent = 'x'.repeat(300)
    const { http, metadata } = childOf({
      name: 'a',
      attributes: attributes(['http.request.method', 'GET', 'user_agent.original', agent]),
    })
    assert.equal(http.request.user_agent.length, 250)
    assert.deepEqual(metadata, { default: { 'user_agent.original': agent } })
  })
})

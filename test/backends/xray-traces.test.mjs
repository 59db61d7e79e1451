// What Hashira sends to the X-Ray daemon, decoded by the collector's awsxray receiver and compared field by field.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { xray } from '@hashira/exporter-xray'
import { tracer } from '@hashira/tracing'
import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { start } from 'hashira'
import { readSpans } from './collector/output.mjs'
import { given } from './given.mjs'
import { waitFor } from './wait-for.mjs'

const { collector, describe, it, before, after } = given('collector')

const service = `shop-${randomBytes(4).toString('hex')}`
const startMs = Date.now() - 5_000
const kind = { internal: 1, server: 2, client: 3 }
const error = 2

function record(name, options, inside = () => {}) {
  const span = tracer.startSpan(name, { startTime: startMs, ...options })
  context.with(trace.setSpan(context.active(), span), () => inside(span))
  span.end(startMs + 25)
  return span
}

describe('the X-Ray daemon protocol', () => {
  let hashira
  const sent = {}

  before(async () => {
    hashira = start({
      serviceName: service,
      serviceVersion: '1.2.3',
      resourceAttributes: {
        'cloud.provider': 'aws',
        'cloud.platform': 'aws_ecs',
        'cloud.account.id': '123456789012',
        'container.name': 'app',
        'container.id': 'c1',
        'aws.log.group.names': '/ecs/shop',
      },
      exporters: [
        xray({
          daemonAddress: `${collector.xrayHost}:${collector.xrayPort}`,
          annotations: ['http.route', 'tenant.id', 'amount', 'vip', 'share'],
        }),
      ],
      handleSignals: false,
      quiet: true,
    })
    context.with(ROOT_CONTEXT, () => {
      sent.server = record('GET /users/:id', serverOptions, (span) => {
        span.setStatus({ code: SpanStatusCode.ERROR })
        sent.thrown = new TypeError('no card: 柱 😀')
        sent.child = record('charge "card"', {}, (inner) => {
          inner.recordException(sent.thrown)
          inner.setStatus({ code: SpanStatusCode.ERROR, message: 'no card' })
        })
        sent.query = record('SELECT', queryOptions)
        sent.call = record('GET', callOptions)
        sent.table = record('DynamoDB.GetItem', tableOptions)
        sent.big = record('big', { attributes: { long: 'é'.repeat(8_000), ...manyLong() } })
      })
      sent.alone = record('GET', callOptions)
    })
    assert.equal(await hashira.flush(), true)
  })
  after(() => hashira?.shutdown())

  const serverOptions = {
    kind: SpanKind.SERVER,
    attributes: {
      'http.request.method': 'GET',
      'url.path': '/users/7',
      'url.scheme': 'https',
      'server.address': 'shop.example',
      'user_agent.original': 'curl/8',
      'client.address': '203.0.113.9',
      'network.peer.address': '10.0.0.1',
      'http.response.status_code': 503,
      'http.response.body.size': 12,
      'http.route': '/users/:id',
      'enduser.id': 'u7',
      'tenant.id': 't1',
      amount: 7,
      share: 0.5,
      vip: true,
      list: ['a', 'b'],
    },
  }
  const queryOptions = {
    kind: SpanKind.CLIENT,
    attributes: {
      'db.system.name': 'postgresql',
      'db.namespace': 'orders',
      'db.query.text': 'SELECT * FROM t WHERE id = $1',
      'db.user': 'app',
      'server.address': 'db.example',
      'server.port': 5432,
    },
  }
  const callOptions = {
    kind: SpanKind.CLIENT,
    attributes: {
      'http.request.method': 'GET',
      'url.full': 'http://api.example/a?token=x',
      'server.address': 'api.example',
      'http.response.status_code': 429,
    },
  }
  const tableOptions = {
    kind: SpanKind.CLIENT,
    attributes: {
      'rpc.system': 'aws-api',
      'rpc.service': 'DynamoDB',
      'rpc.method': 'GetItem',
      'aws.region': 'eu-west-1',
      'aws.request_id': 'R1',
      'aws.dynamodb.table_names': ['orders'],
    },
  }

  /** The only span with the id, as the collector wrote it. */
  const received = (spanId) =>
    waitFor(`span ${spanId}`, () => readSpans(collector.tracesFile).find((span) => span.spanId === spanId))
  const found = (span) => received(span.spanContext().spanId)

  async function check(span, expected) {
    const decoded = await found(span)
    const { traceId, parentSpanId, name, attributes, resource } = decoded
    assert.equal(traceId, span.spanContext().traceId)
    // A double has today's seconds to about 240 ns.
    const near = (text, ms) =>
      assert.ok(Math.abs(Number(BigInt(text) - BigInt(ms) * 1_000_000n)) < 1_000, text)
    near(decoded.startTimeUnixNano, startMs)
    near(decoded.endTimeUnixNano, startMs + 25)
    const { metadata = {}, ...rest } = expected.attributes
    const shown = { ...attributes }
    const default_ = shown['aws.xray.metadata.default']
    delete shown['aws.xray.metadata.default']
    // The receiver keeps them in a map, which has no order.
    shown['aws.xray.annotations']?.sort()
    assert.deepEqual(shown, rest)
    assert.deepEqual(default_ === undefined ? {} : JSON.parse(default_), metadata)
    assert.deepEqual(
      { name, kind: decoded.kind, parentSpanId: parentSpanId ?? '', status: decoded.status?.code ?? 0 },
      {
        name: expected.name,
        kind: expected.kind,
        parentSpanId: expected.parent ?? '',
        status: expected.status ?? 0,
      },
    )
    return { resource, events: decoded.events }
  }

  it('trace ids begin with the time', () => {
    const seconds = Number.parseInt(sent.server.spanContext().traceId.slice(0, 8), 16)
    assert.ok(Math.abs(seconds - Date.now() / 1_000) < 600, String(seconds))
  })

  it('a server span is the segment of its service', async () => {
    const { resource } = await check(sent.server, {
      name: service,
      kind: kind.server,
      status: error,
      attributes: {
        'http.method': 'GET',
        'http.url': 'https://shop.example/users/7',
        'http.user_agent': 'curl/8',
        'http.client_ip': '203.0.113.9',
        'aws.xray.x_forwarded_for': true,
        'http.status_code': 503,
        'http.response_content_length': 12,
        'enduser.id': 'u7',
        'aws.account_id': '123456789012',
        'aws.xray.annotations': ['amount', 'http_route', 'share', 'tenant_id', 'vip'],
        http_route: '/users/:id',
        tenant_id: 't1',
        amount: 7,
        share: 0.5,
        vip: true,
        metadata: {
          list: ['a', 'b'],
          'network.peer.address': '10.0.0.1',
          'otel.span.name': 'GET /users/:id',
          ...(await resourceMetadata()),
        },
      },
    })
    const { 'telemetry.sdk.version': version, ...named } = resource
    assert.match(version, /^\d+\.\d+\.\d+$/)
    assert.deepEqual(named, {
      'service.name': service,
      'service.version': '1.2.3',
      'cloud.provider': 'aws',
      'cloud.account.id': '123456789012',
      'container.name': 'app',
      'container.id': 'c1',
      'aws.log.group.names': ['/ecs/shop'],
      'telemetry.sdk.name': 'hashira for nodejs',
      'telemetry.sdk.language': 'nodejs',
    })
  })

  /** Some of it is the machine's: those attributes are taken from what came, the ones of this test are not. */
  async function resourceMetadata() {
    const { attributes } = await found(sent.server)
    const metadata = JSON.parse(attributes['aws.xray.metadata.default'])
    const own = {
      'otel.resource.service.name': service,
      'otel.resource.cloud.platform': 'aws_ecs',
      'otel.resource.aws.log.group.names': '/ecs/shop',
    }
    const all = Object.entries(metadata).filter(([key]) => key.startsWith('otel.resource.'))
    return { ...Object.fromEntries(all), ...own }
  }

  it('a child is a subsegment, its exception with every frame', async () => {
    const { events } = await check(sent.child, {
      name: 'charge _card_',
      kind: kind.internal,
      parent: sent.server.spanContext().spanId,
      status: error,
      attributes: { metadata: { 'otel.span.name': 'charge "card"' } },
    })
    assert.equal(events.length, 1)
    const { name, attributes } = events[0]
    assert.equal(name, 'exception')
    assert.equal(attributes['exception.message'], sent.thrown.message)
    assert.equal(attributes['exception.type'], 'TypeError')
    assert.match(attributes['aws.xray.exception.id'], /^[0-9a-f]{16}$/)
    const frames = sent.thrown.stack.split('\n').filter((line) => line.startsWith('    at '))
    const lines = attributes['exception.stacktrace'].trimEnd().split('\n').slice(1)
    assert.equal(lines.length, frames.length)
    const [, file, line] = /\(?((?:file|node):[^()]*?):(\d+):\d+\)?$/.exec(frames[0])
    assert.ok(lines[0].endsWith(`(${file}: ${line})`), `${lines[0]} of ${frames[0]}`)
  })

  it('SQL', () =>
    check(sent.query, {
      name: 'orders@db.example',
      kind: kind.client,
      parent: sent.server.spanContext().spanId,
      attributes: {
        'db.system': 'postgresql',
        'db.connection_string': 'postgresql://db.example:5432',
        'db.name': 'orders',
        'db.statement': 'SELECT * FROM t WHERE id = $1',
        'db.user': 'app',
        metadata: { 'otel.span.name': 'SELECT' },
      },
    }))

  it('a call to another service', () =>
    check(sent.call, {
      name: 'api.example',
      kind: kind.client,
      parent: sent.server.spanContext().spanId,
      status: error,
      attributes: {
        'http.method': 'GET',
        'http.url': 'http://api.example/a',
        'http.status_code': 429,
        metadata: {
          'otel.span.name': 'GET',
          'server.address': 'api.example',
          'url.full': 'http://api.example/a?token=x',
        },
      },
    }))

  it('a call to an AWS service', () =>
    check(sent.table, {
      name: 'DynamoDB',
      kind: kind.client,
      parent: sent.server.spanContext().spanId,
      attributes: {
        'aws.service': 'DynamoDB',
        'aws.operation': 'GetItem',
        'aws.region': 'eu-west-1',
        'aws.request_id': 'R1',
        'aws.table_name': 'orders',
        metadata: {
          'otel.span.name': 'DynamoDB.GetItem',
          'rpc.system': 'aws-api',
          'rpc.service': 'DynamoDB',
        },
      },
    }))

  it('a call outside of any request hangs in a segment of its service', async () => {
    const call = await found(sent.alone)
    assert.equal(call.name, 'api.example')
    const own = await received(call.parentSpanId)
    assert.equal(own.name, service)
    assert.equal(own.kind, kind.server)
    assert.equal(own.parentSpanId ?? '', '')
  })

  it('a span of more than 64 KB arrives, cut down', async () => {
    const { attributes, name } = await found(sent.big)
    const metadata = JSON.parse(attributes['aws.xray.metadata.default'])
    assert.equal(name, 'big')
    assert.equal(metadata.long, `${'é'.repeat(1_000)}…`)
    assert.equal(Object.keys(metadata).length, 13)
  })

  function manyLong() {
    return Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`k${i}`, 'x'.repeat(8_000)]))
  }

  it('a burst of 2,000 spans in one tick does not overrun the receiver', async () => {
    const attributes = { burst: service }
    for (let i = 0; i < 2_000; i++) record('burst', { kind: SpanKind.SERVER, attributes })
    assert.equal(await hashira.flush(), true)
    const count = () => readSpans(collector.tracesFile).filter(isOfBurst).length
    // UDP promises nothing on a busy machine; without the pauses it is a third.
    await waitFor('95 % of the burst', () => count() >= 1_900)
  })

  function isOfBurst({ attributes }) {
    return attributes['aws.xray.metadata.default']?.includes(`"burst":"${service}"`)
  }

  it('the account says so', () => {
    const [{ destination, delivered, dropped, pending }] = hashira.status().exporters
    assert.equal(destination, `udp://${collector.xrayHost}:${collector.xrayPort}`)
    assert.deepEqual({ delivered, dropped, pending }, { delivered: 2_007, dropped: {}, pending: 0 })
  })
})

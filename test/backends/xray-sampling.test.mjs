// Centralised sampling through the collector's TCP proxy, which signs and passes on: to a fake of X-Ray's two calls, as moto has none.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { AttributeList, rootContext } from '@hashira/core'
import { xraySampler } from '@hashira/exporter-xray'
import { SamplingDecision, SpanKind } from '@opentelemetry/api'
import { readSpans } from './collector/output.mjs'
import { startCollector } from './collector/start.mjs'
import { given } from './given.mjs'
import { waitFor } from './wait-for.mjs'

const { collector, describe, it, before, after } = given('collector')

const rule = (RuleName, fields) => ({
  SamplingRule: {
    ...{ RuleName, RuleARN: `arn:aws:xray:us-east-1:1:sampling-rule/${RuleName}`, ResourceARN: '*' },
    ...{ Priority: 10_000, FixedRate: 0, ReservoirSize: 1, Version: 1, Attributes: {} },
    ...{ ServiceName: '*', ServiceType: '*', Host: '*', HTTPMethod: '*', URLPath: '*' },
    ...fields,
  },
  CreatedAt: 0,
  ModifiedAt: 1_530_920_505,
})

describe('X-Ray sampling rules through the real proxy', () => {
  const calls = []
  const aws = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    calls.push({ path: request.url, body: JSON.parse(text), authorization: request.headers.authorization })
    const ttl = Math.floor(Date.now() / 1000) + 60
    const answers = {
      '/GetSamplingRules': {
        SamplingRuleRecords: [
          rule('Default', { FixedRate: 0 }),
          rule('orders', { Priority: 1, URLPath: '/orders/*', FixedRate: 1, ReservoirSize: 0 }),
        ],
      },
      '/SamplingTargets': {
        SamplingTargetDocuments: [
          { RuleName: 'Default', FixedRate: 0, ReservoirQuota: 3, ReservoirQuotaTTL: ttl, Interval: 10 },
          { RuleName: 'orders', FixedRate: isFirstClient(calls.at(-1).body) ? 0 : 1, Interval: 1 },
        ],
        LastRuleModification: 1_530_920_505,
        UnprocessedStatistics: [],
      },
    }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(answers[request.url] ?? {}))
  })
  let own
  let sampler
  let firstClient

  /** Every process has an id of its own; the answer to the first one differs. */
  function isFirstClient({ SamplingStatisticsDocuments: [document] = [{}] }) {
    firstClient ??= document.ClientID
    return document.ClientID === firstClient
  }

  before(async () => {
    aws.listen(0, '127.0.0.1')
    await once(aws, 'listening')
    const awsEndpoint = `http://127.0.0.1:${aws.address().port}`
    own = await startCollector({ program: collector.binary, awsEndpoint })
    await waitFor('the proxy', () => fetch(`${own.xrayProxyUrl}/ready`, { method: 'POST', body: '{}' }))
    sampler = xraySampler(`endpoint=${own.xrayProxyUrl},polling_interval=60`)
    sampler.start({ attributes: new AttributeList(['service.name', 'shop']) })
  })
  after(async () => {
    sampler?.close()
    await own?.stop()
    aws.closeAllConnections()
    aws.close()
  })

  const isSampled = (path) => {
    const attributes = { 'http.request.method': 'GET', 'url.path': path }
    const traceId = 'f'.repeat(32)
    const result = sampler.shouldSample(rootContext, traceId, 'GET', SpanKind.SERVER, attributes)
    return result.decision === SamplingDecision.RECORD_AND_SAMPLED
  }

  it('holds to the rules that X-Ray has', async () => {
    await waitFor('the rules', () => [1, 2, 3].every(() => isSampled('/orders/7')))
    const others = Array.from({ length: 20 }, () => isSampled('/other')).filter(Boolean).length
    assert.ok(others <= 2, `${others} of 20: at most one in each second is borrowed`)
    const [asked] = calls.filter(({ path }) => path === '/GetSamplingRules')
    assert.match(asked.authorization, /^AWS4-HMAC-SHA256 .*\/us-east-1\/xray\/aws4_request/)
  })

  it('reports what it counted and takes over its share', async () => {
    await waitFor('the share', () => !isSampled('/orders/7'), { timeoutMs: 60_000 })
    const { body } = calls.find(({ path }) => path === '/SamplingTargets')
    const orders = body.SamplingStatisticsDocuments.find(({ RuleName }) => RuleName === 'orders')
    assert.ok(orders.RequestCount > 0)
    assert.equal(orders.SampledCount, orders.RequestCount)
    assert.match(orders.ClientID, /^[0-9a-f]{24}$/)
    const sampledInOneSecond = () =>
      Array.from({ length: 20 }, () => isSampled('/other')).filter(Boolean).length
    await waitFor('a second of three', () => sampledInOneSecond() === 3, { intervalMs: 200 })
  })

  it('by the environment alone: exporter, sampler and daemon', async () => {
    const service = `shop-${randomBytes(4).toString('hex')}`
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', app],
      {
        cwd: join(import.meta.dirname, '..', '..'),
        timeout: 60_000,
        env: {
          ...process.env,
          OTEL_SERVICE_NAME: service,
          OTEL_TRACES_EXPORTER: 'xray',
          OTEL_METRICS_EXPORTER: 'none',
          OTEL_TRACES_SAMPLER: 'parentbased_xray',
          OTEL_TRACES_SAMPLER_ARG: `endpoint=${own.xrayProxyUrl},polling_interval=60`,
          AWS_XRAY_DAEMON_ADDRESS: `${own.xrayHost}:${own.xrayPort}`,
          HASHIRA_QUIET: 'true',
        },
      },
    )
    assert.equal(stderr, '')
    const { traceId, others } = JSON.parse(stdout)
    assert.ok(others <= 2, `${others} of 20 others`)
    const found = await waitFor('the segment', () =>
      readSpans(own.tracesFile).find((span) => span.traceId === traceId),
    )
    assert.equal(found.name, service)
    assert.equal(found.attributes['http.url'], '/orders/7')
  })
})

const app = `
  import { setTimeout as sleep } from 'node:timers/promises'
  import { tracer } from '@hashira/tracing'
  import { SpanKind } from '@opentelemetry/api'
  import { start } from 'hashira'
  const hashira = start()
  const request = (path) => {
    const attributes = { 'http.request.method': 'GET', 'url.path': path }
    const span = tracer.startSpan('GET', { kind: SpanKind.SERVER, attributes })
    span.end()
    return span
  }
  const isSampled = (span) => span.spanContext().traceFlags & 1
  while (![1, 2, 3, 4, 5].every(() => isSampled(request('/orders/7')))) await sleep(50)
  const others = Array.from({ length: 20 }, () => request('/other')).filter(isSampled).length
  const { traceId } = request('/orders/7').spanContext()
  await hashira.shutdown()
  console.log(JSON.stringify({ traceId, others }))
`

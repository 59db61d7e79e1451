// Centralised sampling through the collector's TCP proxy, which signs and passes on: to a fake of X-Ray's two calls, as moto has none.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { AttributeList, rootContext } from '@hashira/core'
import { xraySampler } from '@hashira/exporter-xray'
import { SamplingDecision, SpanKind } from '@opentelemetry/api'
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
          { RuleName: 'orders', FixedRate: 0, Interval: 1 },
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
})

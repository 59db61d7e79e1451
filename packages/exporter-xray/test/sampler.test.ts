import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { AttributeList, faultCounts, rootContext, setDiagnosticSink, withSpan } from '@hashira/core'
import { xraySampler } from '@hashira/exporter-xray'
import { waitFor } from '@hashira/testing'
import { type Attributes, SamplingDecision, SpanKind, trace } from '@opentelemetry/api'
import { XraySampler } from '../dist/sampler/xray-sampler'
import { FakeSampling, rule } from './fake-sampling'

/** Below and above every share but 0 and 1. */
const LOW = `0af76519${'0'.repeat(24)}`
const HIGH = `0af76519${'f'.repeat(24)}`
const { RECORD_AND_SAMPLED } = SamplingDecision

describe('xraySampler', () => {
  const fake = new FakeSampling()
  const lines: string[] = []
  let nowMs = 1_795_411_000_000
  let sampler: XraySampler
  before(() => fake.start())
  after(() => fake.stop())
  beforeEach(() => {
    setDiagnosticSink((_level, line) => lines.push(line))
    lines.length = 0
    fake.calls.length = 0
    fake.failures.length = 0
    fake.pages = [[]]
    fake.targets = []
    fake.lastRuleModification = 0
    nowMs += 3_600_000
    sampler = new XraySampler({ endpoint: fake.url, pollingIntervalMs: 300_000 }, () => nowMs)
  })
  afterEach(() => {
    setDiagnosticSink(undefined)
    sampler.close()
  })

  const decide = (traceId = HIGH, attributes: Attributes = {}) =>
    sampler.shouldSample(rootContext, traceId, 'GET', SpanKind.SERVER, attributes)
  const isSampled = (traceId?: string, attributes?: Attributes) =>
    decide(traceId, attributes).decision === RECORD_AND_SAMPLED
  const sampledOf = (count: number, traceId?: string) =>
    Array.from({ length: count }, () => isSampled(traceId)).filter(Boolean).length
  const load = async (...rules: object[]) => {
    fake.pages = [rules]
    await sampler.refreshRules()
  }

  it('without rules: one a second, and 5 % of the others', async () => {
    assert.equal(sampledOf(10), 1)
    nowMs += 1_000
    assert.equal(sampledOf(10), 1)
    assert.equal(isSampled(`${'0'.repeat(19)}${'0cc'}${'0'.repeat(10)}`), true, '4.98 %')
    assert.equal(isSampled(`${'0'.repeat(19)}${'0cd'}${'0'.repeat(10)}`), false, '5.005 %')
  })

  it('borrows one a second of a reservoir, then samples by the rate', async () => {
    await load(rule('Default', { Priority: 10_000, ReservoirSize: 5, FixedRate: 0.5 }))
    assert.equal(sampledOf(10, HIGH), 1)
    assert.equal(sampledOf(10, LOW), 10)
    nowMs += 1_000
    assert.equal(sampledOf(10, HIGH), 1)
  })

  it('borrows nothing of a rule without a reservoir', async () => {
    await load(rule('Default', { Priority: 10_000 }))
    assert.equal(sampledOf(10, LOW), 0)
  })

  it('takes its quota until that expires, and borrows again', async () => {
    await load(rule('Default', { Priority: 10_000, ReservoirSize: 50 }))
    isSampled()
    const ReservoirQuotaTTL = nowMs / 1_000 + 30
    fake.targets = [{ RuleName: 'Default', FixedRate: 0, ReservoirQuota: 3, ReservoirQuotaTTL, Interval: 10 }]
    await sampler.report()
    nowMs += 1_000
    assert.equal(sampledOf(10), 3)
    nowMs += 28_000
    assert.equal(sampledOf(10), 3)
    nowMs += 1_000
    assert.equal(sampledOf(10), 1)
    await sampler.report()
    const [first, second] = fake.callsTo('/SamplingTargets')
    assert.equal(first!['SamplingStatisticsDocuments'][0].BorrowCount, 1)
    const { RequestCount, SampledCount, BorrowCount } = second!['SamplingStatisticsDocuments'][0]
    assert.deepEqual(
      { RequestCount, SampledCount, BorrowCount },
      { RequestCount: 30, SampledCount: 7, BorrowCount: 1 },
    )
  })

  it('a quota of none samples by the rate alone, which X-Ray may change', async () => {
    await load(rule('Default', { Priority: 10_000, ReservoirSize: 50 }))
    isSampled()
    const quota = { ReservoirQuota: 0, ReservoirQuotaTTL: nowMs / 1_000 + 30 }
    fake.targets = [{ RuleName: 'Default', FixedRate: 0.5, ...quota }]
    await sampler.report()
    nowMs += 1_000
    assert.equal(sampledOf(10, HIGH), 0)
    assert.equal(sampledOf(10, LOW), 10)
  })

  it('reports what it counted, as X-Ray wants it', async () => {
    await load(
      rule('used', { URLPath: '/a', FixedRate: 1 }),
      rule('unused', { URLPath: '/b' }),
      rule('Default'),
    )
    isSampled(HIGH, { 'url.path': '/a' })
    isSampled(HIGH, { 'url.path': '/a' })
    await sampler.report()
    assert.equal(fake.calls.at(-1)!.contentType, 'application/json')
    const [{ SamplingStatisticsDocuments: documents } = {} as never] = fake.callsTo('/SamplingTargets')
    assert.match(documents[0].ClientID, /^[0-9a-f]{24}$/)
    assert.deepEqual(documents, [
      {
        RuleName: 'used',
        ClientID: documents[0].ClientID,
        Timestamp: Math.floor(nowMs / 1_000),
        RequestCount: 2,
        SampledCount: 2,
        BorrowCount: 0,
      },
    ])
  })

  it('reports nothing while nothing was asked', async () => {
    await load(rule('Default'))
    await sampler.report()
    assert.deepEqual(fake.callsTo('/SamplingTargets'), [])
  })

  it('reports 25 rules a call', async () => {
    await load(...Array.from({ length: 30 }, (_, i) => rule(`r${i}`, { URLPath: `/${i}` })))
    for (let i = 0; i < 30; i++) isSampled(HIGH, { 'url.path': `/${i}` })
    await sampler.report()
    const sizes = fake.callsTo('/SamplingTargets').map((body) => body['SamplingStatisticsDocuments'].length)
    assert.deepEqual(sizes, [25, 5])
  })

  it('tells counts the next time that could not be told', async () => {
    await load(rule('Default'))
    isSampled()
    fake.failures.push({ status: 429, body: '{"__type":"ThrottledException"}' })
    await assert.rejects(sampler.report(), /http_429: ThrottledException/)
    isSampled()
    await sampler.report()
    const counts = fake
      .callsTo('/SamplingTargets')
      .map((body) => body['SamplingStatisticsDocuments'][0].RequestCount)
    assert.deepEqual(counts, [1, 2])
  })

  it('asks for the rules again when X-Ray says that they changed', async () => {
    await load(rule('Default', { FixedRate: 0 }))
    isSampled()
    fake.lastRuleModification = nowMs / 1_000 - 60
    await sampler.report()
    assert.equal(fake.callsTo('/GetSamplingRules').length, 1, 'changed before we asked')
    fake.pages = [[rule('Default', { FixedRate: 1 })]]
    fake.lastRuleModification += 1
    isSampled()
    await sampler.report()
    assert.equal(fake.callsTo('/GetSamplingRules').length, 2)
    assert.equal(isSampled(HIGH), true)
    await sampler.report()
    const documents = fake.callsTo('/SamplingTargets').at(-1)!['SamplingStatisticsDocuments']
    assert.equal(documents[0].RequestCount, 1)
  })

  it('rules that are older than an hour no longer hold', async () => {
    await load(rule('Default', { FixedRate: 1 }))
    nowMs += 3_599_000
    assert.equal(sampledOf(10), 10)
    nowMs += 1_000
    assert.equal(sampledOf(10), 1)
  })

  it('reads every page, leaves out what is no rule or of another version, and orders', async () => {
    fake.pages = [
      [
        rule('Default', { Priority: 1, FixedRate: 1 }),
        rule('new', { Version: 2, Priority: 1, FixedRate: 1 }),
      ],
      [rule('b', { Priority: 5 }), rule('a', { Priority: 5, FixedRate: 1, URLPath: '/a*' })],
      [{ RuleName: 'broken' }, { RuleName: 'rate', Version: 1, FixedRate: 2, ReservoirSize: 1 }],
    ]
    await sampler.refreshRules()
    assert.deepEqual(
      fake.callsTo('/GetSamplingRules').map((body) => body['NextToken']),
      [undefined, '1', '2'],
    )
    assert.equal(isSampled(HIGH, { 'url.path': '/ab' }), true, 'a before b, both before Default')
    assert.equal(isSampled(HIGH, { 'url.path': '/b' }), false)
  })

  it('keeps the rules that it has when they can not be had anew, and says so once', async () => {
    await load(rule('Default', { FixedRate: 1 }))
    for (let i = 0; i < 2; i++) {
      fake.failures.push({ status: 403, body: '{"message":"not authorized"}' })
      await assert.rejects(sampler.refreshRules(), /http_403: not authorized/)
    }
    assert.equal(sampledOf(10), 10)
    assert.equal(lines.length, 1)
    assert.match(
      lines[0]!,
      /X-Ray sampling rules from .* http_403: not authorized; keeping those from before/,
    )
    await sampler.refreshRules()
    assert.match(lines[1]!, /again$/)
  })

  it('is as the parent is, and asks no rule', async () => {
    await load(rule('Default', { FixedRate: 0 }))
    const parent = (traceFlags: number, isRemote: boolean) =>
      withSpan(
        rootContext,
        trace.wrapSpanContext({ traceId: HIGH, spanId: 'b7ad6b7169203331', traceFlags, isRemote }),
      )
    for (const isRemote of [true, false])
      for (const flags of [0, 1]) {
        const { decision } = sampler.shouldSample(parent(flags, isRemote), HIGH, 'a', SpanKind.SERVER, {})
        assert.equal(decision === RECORD_AND_SAMPLED, flags === 1)
      }
    await sampler.report()
    assert.deepEqual(fake.callsTo('/SamplingTargets'), [])
  })

  it('names the rule in the segment', async () => {
    await load(rule('checkout', { FixedRate: 1 }))
    assert.deepEqual(decide().attributes, { 'aws.xray.sampling_rule': 'checkout' })
  })

  it('asks by itself from start to close', async () => {
    fake.pages = [[rule('Default', { FixedRate: 1 })]]
    sampler.start({ attributes: new AttributeList(['service.name', 'shop']) })
    await waitFor(() => sampledOf(5) === 5, { timeoutMs: 30_000 })
    sampler.close()
  })

  it('a proxy that is not there is a warning and a counted fault', async () => {
    const alone = new XraySampler({ endpoint: 'http://127.0.0.1:1', pollingIntervalMs: 300_000 }, () => nowMs)
    const before = faultCounts().get('xray_sampling_rules') ?? 0
    alone.start({ attributes: new AttributeList() })
    await waitFor(() => (faultCounts().get('xray_sampling_rules') ?? 0) > before, { timeoutMs: 30_000 })
    alone.close()
    assert.match(lines[0]!, /127\.0\.0\.1:1: .*ECONNREFUSED.*; sampling 1 request a second and 5 %/)
  })

  it('never throws, whatever the answer', async () => {
    for (const body of [
      '',
      'null',
      '[]',
      '{"SamplingRuleRecords":{}}',
      '{"SamplingRuleRecords":[null,1,{"SamplingRule":3}]}',
    ]) {
      fake.failures.push({ status: 200, body })
      await sampler.refreshRules().catch(() => undefined)
      assert.equal(typeof isSampled(), 'boolean')
    }
  })
})

describe('OTEL_TRACES_SAMPLER_ARG', () => {
  const endpointOf = (argument?: string) => String(xraySampler(argument))
  it('endpoint and polling_interval', () => {
    assert.equal(
      endpointOf('endpoint=http://localhost:2001,polling_interval=60'),
      'XraySampler{http://localhost:2001}',
    )
    assert.equal(endpointOf(), 'XraySampler{http://127.0.0.1:2000}')
    assert.equal(String(xraySampler({ endpoint: 'http://a:1' })), 'XraySampler{http://a:1}')
  })

  it('the TCP address of the daemon otherwise', () => {
    process.env['AWS_XRAY_DAEMON_ADDRESS'] = 'udp:a:1 tcp:b:2'
    try {
      assert.equal(endpointOf(), 'XraySampler{http://b:2}')
    } finally {
      delete process.env['AWS_XRAY_DAEMON_ADDRESS']
    }
  })

  it('what is wrong is one warning and the default', () => {
    const lines: string[] = []
    setDiagnosticSink((_level, line) => lines.push(line))
    try {
      assert.equal(
        endpointOf('endpoint=nowhere,polling_interval=x,other=1'),
        'XraySampler{http://127.0.0.1:2000}',
      )
      assert.equal(lines.length, 3)
      for (const line of lines) assert.match(line, /OTEL_TRACES_SAMPLER_ARG: /)
      assert.throws(() => xraySampler({ pollingIntervalSeconds: 0 }), { code: 'HASHIRA_OPTION_INVALID' })
    } finally {
      setDiagnosticSink(undefined)
    }
  })
})

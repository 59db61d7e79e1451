import assert from 'node:assert/strict'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import {
  AttributeList,
  faultCounts,
  isHashiraError,
  rootContext,
  type Sampler,
  setDiagnosticSink,
  withSpan,
} from '@hashira/core'
import { jaegerSampler } from '@hashira/exporter-jaeger'
import { waitFor } from '@hashira/testing'
import { SamplingDecision, type SamplingResult, trace } from '@opentelemetry/api'
import fc from 'fast-check'
import { RateLimit } from '../dist/rate-limit.js'
import { readStrategy } from '../dist/read-strategy.js'
import { samplerOptions } from '../dist/sampler-options.js'
import { samplingUrl } from '../dist/sampling-endpoint.js'

const lines: string[] = []
before(() => setDiagnosticSink((_level, line) => lines.push(line)))
after(() => setDiagnosticSink(undefined))
beforeEach(() => {
  lines.length = 0
})

const { RECORD_AND_SAMPLED, NOT_RECORD } = SamplingDecision
const SPAN = 'b7ad6b7169203331'
/** Kept by every ratio but 0, and by none but 1. */
const KEPT = `0af7651916cd43dd80${'f'.repeat(14)}`
const DROPPED = `0af7651916cd43dd80${'0'.repeat(14)}`

const randomId = () => Array.from({ length: 32 }, () => Math.floor(Math.random() * 16).toString(16)).join('')

function ask(sampler: Sampler, traceId: string, name = 'GET /', context = rootContext): SamplingResult {
  return sampler.shouldSample(context, traceId, name, 1, {}, [])
}

describe('the strategies of Jaeger', () => {
  const decide = (answer: object, traceId: string, operation = 'GET /') =>
    readStrategy(JSON.stringify(answer)).decide(traceId, operation)

  it('sample a share, the same traces for every reader', () => {
    for (const strategyType of ['PROBABILISTIC', 0, undefined]) {
      const half = { strategyType, probabilisticSampling: { samplingRate: 0.5 } }
      const attributes = { 'sampler.type': 'probabilistic', 'sampler.param': 0.5 }
      assert.deepEqual(decide(half, KEPT), { decision: RECORD_AND_SAMPLED, attributes })
      assert.deepEqual(decide(half, DROPPED), { decision: NOT_RECORD })
    }
    assert.equal(decide({ probabilisticSampling: { samplingRate: 1 } }, DROPPED).decision, RECORD_AND_SAMPLED)
    assert.equal(decide({ probabilisticSampling: {} }, KEPT).decision, NOT_RECORD)
    const strategy = readStrategy('{"probabilisticSampling":{"samplingRate":0.25}}')
    const sampled = Array.from({ length: 20_000 }, () => strategy.decide(randomId(), '').decision)
    const share = sampled.filter((decision) => decision === RECORD_AND_SAMPLED).length / 20_000
    assert.ok(share > 0.22 && share < 0.28, String(share))
  })

  it('sample so many a second', () => {
    for (const strategyType of ['RATE_LIMITING', 1]) {
      const strategy = readStrategy(
        JSON.stringify({ strategyType, rateLimitingSampling: { maxTracesPerSecond: 3 } }),
      )
      const results = Array.from({ length: 50 }, () => strategy.decide(DROPPED, ''))
      const sampled = results.filter(({ decision }) => decision === RECORD_AND_SAMPLED)
      assert.ok(sampled.length >= 3 && sampled.length <= 10, String(sampled.length))
      assert.deepEqual(sampled[0]?.attributes, { 'sampler.type': 'ratelimiting', 'sampler.param': 3 })
    }
    const none = { strategyType: 1, rateLimitingSampling: {} }
    assert.equal(decide(none, KEPT).decision, NOT_RECORD)
  })

  it('have a rate for each operation, and a lower bound', () => {
    const strategy = readStrategy(
      JSON.stringify({
        strategyType: 'PROBABILISTIC',
        probabilisticSampling: { samplingRate: 1 },
        operationSampling: {
          defaultSamplingProbability: 0,
          defaultLowerBoundTracesPerSecond: 0.001,
          perOperationStrategies: [
            { operation: 'GET /all', probabilisticSampling: { samplingRate: 1 } },
            { operation: 'GET /half', probabilisticSampling: { samplingRate: 0.5 } },
          ],
        },
      }),
    )
    const of = (operation: string, traceId: string) => {
      const { decision, attributes } = strategy.decide(traceId, operation)
      return decision === NOT_RECORD ? undefined : Object.values(attributes ?? {})
    }
    assert.deepEqual(of('GET /all', DROPPED), ['probabilistic', 1])
    assert.deepEqual(of('GET /half', KEPT), ['probabilistic', 0.5])
    assert.equal(of('GET /half', DROPPED), undefined)
    assert.deepEqual(of('GET /rare', DROPPED), ['lowerbound', 0.001])
    assert.equal(of('GET /rare', DROPPED), undefined)
    assert.deepEqual(of('GET /other', DROPPED), ['lowerbound', 0.001])
  })

  it('keep no more than 2,000 operations', () => {
    const strategy = readStrategy(
      '{"operationSampling":{"defaultSamplingProbability":0,"defaultLowerBoundTracesPerSecond":1}}',
    )
    let sampled = 0
    for (let i = 0; i < 3_000; i++)
      if (strategy.decide(DROPPED, `GET /${i}`).decision === RECORD_AND_SAMPLED) sampled++
    assert.equal(sampled, 2_000)
  })

  it('are refused when they make no sense', () => {
    const bad = [
      '',
      'null',
      '[]',
      '{}',
      '"x"',
      '{"strategyType":"ADAPTIVE"}',
      '{"probabilisticSampling":{"samplingRate":1.5}}',
      '{"probabilisticSampling":{"samplingRate":"1"}}',
      '{"probabilisticSampling":{"samplingRate":-1}}',
      '{"strategyType":1}',
      '{"strategyType":1,"rateLimitingSampling":{"maxTracesPerSecond":-1}}',
      '{"operationSampling":[]}',
      '{"operationSampling":{"perOperationStrategies":{}}}',
      '{"operationSampling":{"perOperationStrategies":[{"operation":"x"}]}}',
      '{"operationSampling":{"perOperationStrategies":[{"probabilisticSampling":{}}]}}',
    ]
    for (const answer of bad) assert.throws(() => readStrategy(answer), answer)
  })

  it('never decide wrongly, whatever Jaeger says', (t) => {
    const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 2 ** 31)
    t.diagnostic(`seed ${seed}`)
    const rate = fc.oneof(fc.double(), fc.string(), fc.constant(undefined))
    const probabilisticSampling = fc.record({ samplingRate: rate }, { requiredKeys: [] })
    const answers = fc.record(
      {
        strategyType: fc.constantFrom(0, 1, 2, 'PROBABILISTIC', 'RATE_LIMITING', null),
        probabilisticSampling,
        rateLimitingSampling: fc.record({ maxTracesPerSecond: rate }, { requiredKeys: [] }),
        operationSampling: fc.record(
          {
            defaultSamplingProbability: rate,
            defaultLowerBoundTracesPerSecond: rate,
            perOperationStrategies: fc.array(fc.record({ operation: fc.string(), probabilisticSampling })),
          },
          { requiredKeys: [] },
        ),
      },
      { requiredKeys: [] },
    )
    const property = fc.property(answers, fc.string(), (answer, operation) => {
      let strategy: ReturnType<typeof readStrategy>
      try {
        strategy = readStrategy(JSON.stringify(answer))
      } catch {
        return
      }
      const { decision } = strategy.decide(randomId(), operation)
      assert.ok(decision === NOT_RECORD || decision === RECORD_AND_SAMPLED)
    })
    fc.assert(property, { seed, numRuns: 500 })
  })
})

describe('the rate limit', () => {
  it('fills again with time, up to a second of it', () => {
    const limit = new RateLimit(2, 0)
    const taken = (nowMs: number) => {
      let count = 0
      while (limit.take(nowMs)) count++
      return count
    }
    assert.deepEqual([taken(0), taken(400), taken(1_000), taken(60_000)], [2, 0, 2, 2])
  })

  it('lets one through in a long time when it is below one', () => {
    const limit = new RateLimit(0.1, 0)
    assert.deepEqual(
      [0, 5_000, 10_000, 15_000, 20_000].map((nowMs) => limit.take(nowMs)),
      [true, false, true, false, true],
    )
    assert.equal(new RateLimit(0, 0).take(1e9), false)
  })
})

describe('the argument', () => {
  const defaults = {
    endpoint: 'http://localhost:5778/sampling',
    pollingIntervalMs: 60_000,
    initialSamplingRate: 0.001,
  }

  it('is a list of three, or options', () => {
    assert.deepEqual(samplerOptions(undefined), defaults)
    assert.deepEqual(samplerOptions(''), defaults)
    const expected = {
      endpoint: 'http://jaeger:5778/sampling',
      pollingIntervalMs: 5_000,
      initialSamplingRate: 0.25,
    }
    const text = ' endpoint = http://jaeger:5778, pollingIntervalMs=5000,initialSamplingRate=0.25,'
    assert.deepEqual(samplerOptions(text), expected)
    assert.deepEqual(samplerOptions({ ...expected, endpoint: 'jaeger:5778' }), expected)
    assert.deepEqual(lines, [])
  })

  it('is a warning for each bad part of the text, and an error in options', () => {
    const text = 'endpoint=ftp://x,pollingIntervalMs=soon,initialSamplingRate=2,rate=1,0.5'
    assert.deepEqual(samplerOptions(text), defaults)
    assert.equal(lines.length, 4)
    for (const line of lines) assert.match(line, /^OTEL_TRACES_SAMPLER_ARG.*HASHIRA_OPTION_INVALID/)
    for (const [options, code] of [
      [{ endpoint: 'ftp://x' }, 'HASHIRA_OPTION_INVALID'],
      [{ pollingIntervalMs: 0 }, 'HASHIRA_OPTION_INVALID'],
      [{ initialSamplingRate: 1.1 }, 'HASHIRA_OPTION_INVALID'],
      [{ rate: 1 }, 'HASHIRA_OPTION_UNKNOWN'],
    ] as const) {
      assert.throws(
        () => jaegerSampler(options as object),
        (error) => isHashiraError(error) && error.code === code,
      )
    }
  })

  it('takes an endpoint in many forms', () => {
    const forms: Record<string, string | undefined> = {
      'http://j:5778': 'http://j:5778/sampling',
      'http://j:5778/': 'http://j:5778/sampling',
      'http://j:5778/sampling': 'http://j:5778/sampling',
      'https://j.example.com/jaeger': 'https://j.example.com/jaeger',
      'https://j.example.com': 'https://j.example.com/sampling',
      'j:5778': 'http://j:5778/sampling',
      j: 'http://j:5778/sampling',
      'j:80': 'http://j/sampling',
      '[::1]:5778': 'http://[::1]:5778/sampling',
      'http://j:14250': 'http://j:5778/sampling',
      'j:14250': 'http://j:5778/sampling',
      'https://j:5779': 'http://j:5778/sampling',
      'grpc://j:9999': 'http://j:5778/sampling',
      'dns:///j:14250': 'http://j:5778/sampling',
      'http://j:4317': 'http://j:5778/sampling',
      '': undefined,
      'http://': undefined,
      'a b': undefined,
      'ftp://j': undefined,
    }
    for (const [text, url] of Object.entries(forms)) assert.equal(samplingUrl(text), url, text)
    assert.match(lines[0] as string, /looks like gRPC.*http:\/\/j:5778\/sampling.*HASHIRA_OPTION_INVALID/)
  })
})

describe('jaegerSampler() beside a Jaeger', () => {
  let server: Server
  let endpoint: string
  let asked: string[] = []
  let respond: (response: ServerResponse) => void
  const samplers: Sampler[] = []
  const faults = () => faultCounts().get('jaeger_sampling') ?? 0

  before(async () => {
    server = createServer((request, response) => {
      asked.push(request.url as string)
      respond(response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    endpoint = `127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(() => server.close())
  afterEach(() => {
    for (const sampler of samplers.splice(0)) sampler.close?.()
    asked = []
  })

  function started(options: object = {}): Sampler {
    const sampler = jaegerSampler({ endpoint, pollingIntervalMs: 20, ...options })
    samplers.push(sampler)
    sampler.start?.({ attributes: new AttributeList(['service.name', 'shop & co']) })
    return sampler
  }

  const answer = (body: object | string, status = 200) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    respond = (response) => void response.writeHead(status).end(text)
  }

  it('samples by the initial rate until it is answered, then as it is told', async () => {
    respond = (response) => void response.destroy()
    const before = faults()
    const sampler = started({ initialSamplingRate: 1 })
    const initial = { 'sampler.type': 'probabilistic', 'sampler.param': 1 }
    assert.deepEqual(ask(sampler, DROPPED).attributes, initial)
    await waitFor(() => faults() > before)
    assert.deepEqual(ask(sampler, DROPPED).attributes, initial)
    answer({ probabilisticSampling: { samplingRate: 0.5 } })
    await waitFor(() => ask(sampler, DROPPED).decision === NOT_RECORD)
    assert.equal(ask(sampler, KEPT).attributes?.['sampler.param'], 0.5)
    assert.equal(asked[0], '/sampling?service=shop+%26+co')
    answer({ strategyType: 1, rateLimitingSampling: { maxTracesPerSecond: 100 } })
    await waitFor(() => ask(sampler, DROPPED).attributes?.['sampler.type'] === 'ratelimiting')
  })

  it('keeps what it was told when the answers get bad, counts them and says it once', async () => {
    answer({ probabilisticSampling: { samplingRate: 1 } })
    const sampler = started({ initialSamplingRate: 0 })
    await waitFor(() => ask(sampler, DROPPED).decision === RECORD_AND_SAMPLED)
    for (const [body, status] of [
      ['nonsense', 200],
      ['{}', 200],
      ['no such service', 404],
      ['x'.repeat(2 * 1024 * 1024), 200],
    ] as const) {
      answer(body, status)
      const before = faults()
      await waitFor(() => faults() >= before + 2)
      assert.equal(ask(sampler, DROPPED).decision, RECORD_AND_SAMPLED)
    }
    answer({ probabilisticSampling: { samplingRate: 0 } })
    await waitFor(() => ask(sampler, KEPT).decision === NOT_RECORD)
    assert.equal(lines.length, 2)
    assert.match(lines[0] as string, /jaeger sampling strategies from http:\/\/127.*; sampling as before/)
    assert.match(lines[1] as string, /answered/)
  })

  it('does not fill its limits again with every answer', async () => {
    answer({ strategyType: 1, rateLimitingSampling: { maxTracesPerSecond: 1 } })
    const sampler = started({ initialSamplingRate: 0 })
    await waitFor(() => ask(sampler, KEPT).decision === RECORD_AND_SAMPLED)
    const start = performance.now()
    let sampled = 0
    const answers = asked.length
    await waitFor(() => {
      if (ask(sampler, KEPT).decision === RECORD_AND_SAMPLED) sampled++
      return asked.length >= answers + 10
    })
    assert.ok(sampled <= 1 + (performance.now() - start) / 1000, `${sampled} after ${asked.length} answers`)
  })

  it('asks no more after it was closed', async () => {
    answer({ probabilisticSampling: { samplingRate: 1 } })
    const sampler = started()
    await waitFor(() => asked.length >= 2)
    sampler.close?.()
    const count = asked.length
    await new Promise((resolve) => setTimeout(resolve, 150))
    assert.ok(asked.length <= count + 1)
  })

  it('never splits a trace: what has a parent here follows it', () => {
    const sampler = jaegerSampler({ initialSamplingRate: 0 })
    const under = (traceFlags: number, isRemote: boolean) =>
      withSpan(rootContext, trace.wrapSpanContext({ traceId: DROPPED, spanId: SPAN, traceFlags, isRemote }))
    assert.deepEqual(ask(sampler, DROPPED, 'child', under(1, false)), { decision: RECORD_AND_SAMPLED })
    assert.deepEqual(ask(sampler, DROPPED, 'child', under(0, false)), { decision: NOT_RECORD })
    assert.equal(ask(sampler, DROPPED, 'server', under(1, true)).decision, NOT_RECORD)
  })
})

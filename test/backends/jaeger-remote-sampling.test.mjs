// Traces in the real Jaeger, sampled as the real Jaeger says.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { jaeger as jaegerExporter, jaegerSampler } from '@hashira/exporter-jaeger'
import { tracer } from '@hashira/tracing'
import { start } from 'hashira'
import { given } from './given.mjs'
import { JaegerQuery, tagOf } from './jaeger/query.mjs'
import { addStrategies } from './jaeger/sampling.mjs'
import { waitFor } from './wait-for.mjs'

const { jaeger, describe, it, before } = given('jaeger')
const skip =
  jaeger.missing === undefined && jaeger.samplingUrl === undefined && 'a Jaeger without a sampling URL'

describe('remote sampling by the real Jaeger', { skip }, () => {
  const query = new JaegerQuery(jaeger.queryUrl)
  const service = `sampled-${randomBytes(4).toString('hex')}`
  const probability = (param) => ({ type: 'probabilistic', param })

  before(() => {
    addStrategies(
      jaeger.samplingFile,
      {
        service: `${service}-operations`,
        ...probability(0),
        operation_strategies: [{ operation: 'GET /all', ...probability(1) }],
      },
      { service: `${service}-limited`, type: 'ratelimiting', param: 2 },
    )
  })

  /** Runs `fn` in an app that asks Jaeger every 100 ms. */
  async function inApp(serviceName, fn) {
    const hashira = start({
      serviceName,
      quiet: true,
      exporters: [jaegerExporter({ endpoint: jaeger.otlpUrl })],
      sampler: 'parentbased_jaeger_remote',
      samplerArg: `endpoint=${jaeger.samplingUrl},pollingIntervalMs=100,initialSamplingRate=0`,
    })
    try {
      return await fn()
    } finally {
      await hashira.shutdown({ timeoutMs: 10_000 })
    }
  }

  const isSampled = (name) => tracer.span(name, (span) => span.isRecording() && span.spanContext().traceId)

  it('samples all of a service without a strategy, once Jaeger has said so', async () => {
    const traceId = await inApp(service, () => {
      assert.equal(isSampled('before'), false)
      return waitFor('the answer', () => isSampled('GET /'))
    })
    const trace = await waitFor('the trace', () => query.trace(traceId))
    const [span] = trace.spans
    assert.equal(tagOf(span, 'sampler.type'), 'probabilistic')
    assert.equal(Number(tagOf(span, 'sampler.param')), 1)
  })

  it('samples by operation', async () => {
    await inApp(`${service}-operations`, async () => {
      await waitFor('the strategy', () => isSampled('GET /all'))
      await waitFor('the strategy to be the one of this service', () => !isSampled(`GET /${Math.random()}`))
      for (let i = 0; i < 20; i++) assert.ok(isSampled('GET /all'))
      for (let i = 0; i < 20; i++) assert.equal(isSampled('GET /none'), false)
    })
  })

  it('samples so many a second', async () => {
    await inApp(`${service}-limited`, async () => {
      const type = () =>
        tracer.span('GET /', (span) => span.isRecording() && span.attributes?.['sampler.type'])
      await waitFor('a sampled trace', () => type() !== false)
      const startMs = performance.now()
      let sampled = 0
      while (performance.now() - startMs < 1_500) {
        if (isSampled('GET /')) sampled++
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      const seconds = (performance.now() - startMs) / 1000
      assert.ok(sampled >= 1 && sampled <= 2 * seconds + 3, `${sampled} in ${seconds} s`)
    })
  })

  it('goes on as told when Jaeger is asked on a port that nothing listens on', async () => {
    const sampler = jaegerSampler({ endpoint: '127.0.0.1:9', initialSamplingRate: 1 })
    const hashira = start({ serviceName: service, quiet: true, exporters: [], tracesExporters: [], sampler })
    assert.ok(isSampled('GET /'))
    await hashira.shutdown()
  })
})

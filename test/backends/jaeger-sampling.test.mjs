// Checks the harness itself: the real Jaeger serves the sampling strategies that a test adds.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { given } from './given.mjs'
import { addStrategies, strategyOf } from './jaeger/sampling.mjs'
import { waitFor } from './wait-for.mjs'

const { jaeger, describe, it } = given('jaeger')

describe('the remote sampling of the real Jaeger', { skip: noSampling() }, () => {
  const service = `shop-${randomBytes(4).toString('hex')}`

  it('samples all of a service that it does not know', async () => {
    const { strategyType, probabilisticSampling } = await strategyOf(jaeger.samplingUrl, `${service}-new`)
    // A number, although Jaeger's documents have the text PROBABILISTIC.
    assert.equal(strategyType, 0)
    assert.equal(probabilisticSampling.samplingRate, 1)
  })

  it('serves a strategy soon after it was added', async () => {
    const health = { operation: 'GET /health', type: 'probabilistic', param: 0 }
    addStrategies(
      jaeger.samplingFile,
      { service, type: 'probabilistic', param: 0.25, operation_strategies: [health] },
      { service: `${service}-limited`, type: 'ratelimiting', param: 5 },
    )
    const { operationSampling } = await waitFor('the new strategy', async () => {
      const strategy = await strategyOf(jaeger.samplingUrl, service)
      return strategy.probabilisticSampling.samplingRate === 0.25 && strategy
    })
    assert.equal(operationSampling.defaultSamplingProbability, 0.25)
    assert.deepEqual(operationSampling.perOperationStrategies, [
      { operation: 'GET /health', probabilisticSampling: { samplingRate: 0 } },
    ])
    const limited = await strategyOf(jaeger.samplingUrl, `${service}-limited`)
    assert.equal(limited.rateLimitingSampling.maxTracesPerSecond, 5)
  })
})

function noSampling() {
  return jaeger.samplingUrl === undefined && 'a Jaeger that ran already, whose sampling URL is not known'
}

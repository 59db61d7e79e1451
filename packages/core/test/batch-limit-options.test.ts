import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { batchLimitOptions, batchLimitsOf, resolveOptions, type Signal } from '@hashira/core'

const limits = (signal: Signal, env: Record<string, string>, options: object = {}) =>
  batchLimitsOf(resolveOptions('acme()', batchLimitOptions(signal), options, env).values)

const variables = (prefix: string) => ({
  [`${prefix}_MAX_EXPORT_BATCH_SIZE`]: '10',
  [`${prefix}_SCHEDULE_DELAY`]: '20',
  [`${prefix}_MAX_QUEUE_SIZE`]: '30',
  [`${prefix}_EXPORT_TIMEOUT`]: '40',
})
const all = { maxBatchItems: 10, intervalMs: 20, maxQueueItems: 30, exportTimeoutMs: 40 }

describe('batch limits of an exporter', () => {
  test('come from the variables of the signal', () => {
    const env = { ...variables('OTEL_BSP'), OTEL_METRIC_EXPORT_TIMEOUT: '50' }
    assert.deepEqual(limits('traces', env), all)
    assert.deepEqual(limits('logs', env), {})
    assert.deepEqual(limits('logs', variables('OTEL_BLRP')), all)
    assert.deepEqual(limits('metrics', env), { exportTimeoutMs: 50 })
  })

  test('code wins, and only it knows bytes', () => {
    const options = { maxBatchItems: 1, maxQueueBytes: 2 }
    assert.deepEqual(limits('traces', variables('OTEL_BSP'), options), { ...all, ...options })
    assert.deepEqual(limits('traces', {}), {})
  })

  test('a time limit of 0 is none (OpenTelemetry specification)', () => {
    assert.deepEqual(limits('traces', { OTEL_BSP_EXPORT_TIMEOUT: '0' }), {
      exportTimeoutMs: Number.POSITIVE_INFINITY,
    })
  })
})

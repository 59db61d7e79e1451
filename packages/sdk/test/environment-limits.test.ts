import assert from 'node:assert/strict'
import { test } from 'node:test'
import { environmentLimits } from '../dist/environment-limits.js'

test("OpenTelemetry's variables for batches hold for exporters that do not read them", () => {
  const env = { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '7', OTEL_BLRP_MAX_QUEUE_SIZE: '9' }
  assert.deepEqual(environmentLimits('traces', env), { maxBatchItems: 7 })
  assert.deepEqual(environmentLimits('logs', env), { maxQueueItems: 9 })
  assert.deepEqual(environmentLimits('metrics', env), {})
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { batchLimits, DEFAULT_BATCH_LIMITS } from '@hashira/delivery'
import { errorText, oneLine } from '../dist/error-text.js'
import { retryAfterMs } from '../dist/retry-after.js'
import { RetrySchedule } from '../dist/retry-schedule.js'

describe('pauses between tries', () => {
  const middle = { random: () => 0.5 }

  test('grow by half from one second to thirty', () => {
    const schedule = new RetrySchedule(middle)
    const pauses = Array.from({ length: 12 }, () => Math.round(schedule.nextMs()))
    assert.deepEqual(pauses.slice(0, 4), [1_000, 1_500, 2_250, 3_375])
    assert.equal(pauses.at(-1), 30_000)
    schedule.reset()
    assert.equal(schedule.nextMs(), 1_000)
  })

  test('vary by a fifth either way', () => {
    assert.equal(new RetrySchedule({ random: () => 0 }).nextMs(), 800)
    assert.equal(new RetrySchedule({ random: () => 1 }).nextMs(), 1_200)
  })

  test('a backend may ask for more or less, within one second and five minutes', () => {
    const schedule = new RetrySchedule(middle)
    assert.equal(schedule.nextMs(60_000), 60_000)
    assert.equal(schedule.nextMs(0), 1_000)
    assert.equal(schedule.nextMs(86_400_000), 300_000)
    assert.equal(schedule.nextMs(Number.NaN), 3_375)
  })

  test('never end', () => {
    const schedule = new RetrySchedule(middle)
    for (let i = 0; i < 5_000; i++) assert.ok(Number.isFinite(schedule.nextMs()))
  })
})

test('Retry-After: seconds, the three forms of a date, and nothing else', () => {
  const now = Date.UTC(1994, 10, 6, 8, 49, 0)
  assert.equal(retryAfterMs('120', now), 120_000)
  assert.equal(retryAfterMs(' 0 ', now), 0)
  assert.equal(retryAfterMs('Sun, 06 Nov 1994 08:49:37 GMT', now), 37_000)
  assert.equal(retryAfterMs('Sunday, 06-Nov-94 08:49:37 GMT', now), 37_000)
  assert.equal(retryAfterMs('Sun, 06 Nov 1994 08:00:00 GMT', now), 0)
  for (const bad of [undefined, '', '-5', '1.5', 'soon', '2s', 'Sunday', '+5'])
    assert.equal(retryAfterMs(bad, now), undefined, bad)
})

test('batch limits: defaults, and a batch that fits its queue', () => {
  assert.deepEqual(batchLimits(), DEFAULT_BATCH_LIMITS)
  assert.deepEqual(batchLimits({ intervalMs: undefined } as never), DEFAULT_BATCH_LIMITS)
  const small = batchLimits({ maxQueueItems: 100, maxQueueBytes: 1_000 })
  assert.equal(small.maxBatchItems, 100)
  assert.equal(small.maxBatchBytes, 1_000)
})

test('what errors say', () => {
  assert.equal(errorText(new AggregateError([new Error('a'), new Error('b')])), 'a, b')
  assert.equal(errorText(Object.assign(new Error('m'), { code: 'E' })), 'm (E)')
  assert.equal(errorText(undefined), 'an error without a text')
  assert.equal(errorText('text'), 'text')
  assert.equal(errorText(Object.create(null)), 'an error without a text')
  assert.equal(oneLine('a\n\u0000b'), 'a b')
  assert.equal(oneLine('x'.repeat(500)).length, 200)
})

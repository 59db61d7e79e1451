import assert from 'node:assert/strict'
import { afterEach, describe, mock, test } from 'node:test'
import { wallTimeMs } from '@hashira/core'

afterEach(() => mock.restoreAll())

function wallClock(now: number): void {
  mock.restoreAll()
  mock.method(Date, 'now', () => now)
}

describe('wallTimeMs', () => {
  test('agrees with the wall clock to the millisecond, and adds the fraction', () => {
    for (let i = 0; i < 1_000; i++) {
      const before = Date.now()
      const wall = wallTimeMs(performance.now())
      assert.ok(wall >= before && wall < Date.now() + 1)
    }
  })

  test('differences are those of the monotonic clock while both clocks agree', () => {
    const base = performance.now()
    wallClock(1_700_000_000_000)
    const first = wallTimeMs(base)
    assert.equal(wallTimeMs(base + 0.25) - first, 0.25)
  })

  test('the wall clock is set forward: the next root has the new time', () => {
    const base = performance.now()
    wallClock(1_700_000_000_000)
    wallTimeMs(base)
    wallClock(1_700_003_600_000)
    assert.equal(Math.floor(wallTimeMs(base + 1)), 1_700_003_600_000)
  })

  test('the wall clock is set back', () => {
    const base = performance.now()
    wallClock(1_700_000_000_000)
    wallTimeMs(base)
    wallClock(1_699_999_000_000)
    assert.equal(Math.floor(wallTimeMs(base + 1)), 1_699_999_000_000)
  })

  test('a process that was frozen: the monotonic clock stood still, the wall clock went on', () => {
    const base = performance.now()
    wallClock(1_700_000_000_000)
    wallTimeMs(base)
    wallClock(1_700_000_060_000)
    assert.equal(Math.floor(wallTimeMs(base + 2)), 1_700_000_060_000)
    assert.equal(Math.floor(wallTimeMs(base + 2.5)), 1_700_000_060_000)
  })

  test('never more than a millisecond from the wall clock, whatever the fraction', () => {
    const base = performance.now()
    for (let i = 0; i < 500; i++) {
      const now = 1_700_000_000_000 + Math.floor(i * 0.37)
      wallClock(now)
      const wall = wallTimeMs(base + i * 0.37)
      assert.ok(wall >= now && wall < now + 1, `${wall} for ${now}`)
    }
  })
})

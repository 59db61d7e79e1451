import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RollingWindow } from '../dist/saturation/rolling-window.js'

test('a window moves on by halves, whoever reads it, and ends what it began', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  let begun = 0
  const ended: number[] = []
  const window = new RollingWindow(
    () => begun++,
    (measurement) => ended.push(measurement),
    30_000,
  )
  const seen = [window.current, window.current]
  for (let i = 0; i < 3; i++) {
    t.mock.timers.tick(30_000)
    seen.push(window.current)
  }
  assert.deepEqual(seen, [0, 0, 1, 2, 3])
  window.stop()
  assert.deepEqual(ended, [0, 1, 2, 3, 4])
  t.mock.timers.tick(60_000)
  assert.equal(begun, 5)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatNumber } from '../dist/format.js'

test('values: numbers as Go reads them, and NaN for whatever is none', () => {
  const cases: readonly [value: unknown, text: string][] = [
    [0, '0'],
    [-0.5, '-0.5'],
    [1e21, '1e+21'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [undefined, 'NaN'],
    [null, 'NaN'],
    ['abc', 'NaN'],
    [5n, 'NaN'],
  ]
  for (const [value, text] of cases) assert.equal(formatNumber(value as number), text)
})

import assert from 'node:assert/strict'

/** Times are compared with this tolerance: a microsecond, and what a double loses of Unix milliseconds. */
const TOLERANCE_MS = 0.002
const TIMES = new Set(['startUnixMs', 'durationMs', 'timeUnixMs'])

/** What `decoded` tells must be as `expected`, for every key that it has. Lone surrogates are expected as U+FFFD, -0 as 0; a member that is `undefined` is the same as none. */
export function assertSameTelemetry(decoded: object, expected: object, what: string): void {
  const wanted = expected as Record<string, unknown>
  for (const [key, value] of Object.entries(decoded)) {
    const where = `${what}: ${key}`
    if (TIMES.has(key)) assertSameTime(value as number, wanted[key] as number, where)
    else if (key === 'events') assertSameList(value as object[], wanted[key] as object[], where)
    else assert.deepEqual(comparable(value), comparable(wanted[key]), where)
  }
}

function assertSameList(decoded: readonly object[], expected: readonly object[], what: string): void {
  assert.equal(decoded.length, expected.length, `${what}: how many`)
  for (const [i, one] of decoded.entries()) assertSameTelemetry(one, expected[i] as object, `${what}[${i}]`)
}

export function isSameTime(decodedMs: number, expectedMs: number): boolean {
  return Math.abs(decodedMs - expectedMs) <= TOLERANCE_MS
}

function assertSameTime(decoded: number, expected: number, what: string): void {
  assert.ok(isSameTime(decoded, expected), `${what}: ${decoded} ms instead of ${expected} ms`)
}

function comparable(value: unknown): unknown {
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('utf8')
  if (value === 0) return 0
  if (Array.isArray(value)) return value.map(comparable)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [comparable(key), comparable(inner)]),
  )
}

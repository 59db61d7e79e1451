import { randomFillSync } from 'node:crypto'

const POOL_BYTES = 8_192
const pool = Buffer.allocUnsafeSlow(POOL_BYTES)
let position = POOL_BYTES

const digits = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))

/**
 * 32 lower-case hex digits, random in every bit (W3C Trace Context level 2, random flag), never all zero. Two of {@link hex16}
 * joined would be a rope, which takes 50 ns more by the time that it has been read (Node 20 and 24).
 */
export function randomTraceId(): string {
  for (;;) {
    const at = nextBytes(16)
    if (!isZero(at) || !isZero(at + 8)) return pool.toString('hex', at, at + 16)
  }
}

/** The Unix time in seconds and 12 random bytes: what X-Ray takes for the time of a trace. The right-most 7 bytes are random all the same. */
export function timedTraceId(): string {
  const seconds = Math.floor(Date.now() / 1_000)
  return seconds.toString(16).padStart(8, '0') + hex16(nextBytes(8)).slice(8) + randomSpanId()
}

/** 16 lower-case hex digits, never all zero. */
export function randomSpanId(): string {
  for (;;) {
    const at = nextBytes(8)
    if (!isZero(at)) return hex16(at)
  }
}

/** Where the next `count` (8 or 16) random bytes begin in the pool. */
function nextBytes(count: number): number {
  if (position + count > POOL_BYTES) {
    randomFillSync(pool)
    position = 0
  }
  const at = position
  position += count
  return at
}

function isZero(at: number): boolean {
  // biome-ignore format: one number
  return (pool[at]! | pool[at + 1]! | pool[at + 2]! | pool[at + 3]! |
    pool[at + 4]! | pool[at + 5]! | pool[at + 6]! | pool[at + 7]!) === 0
}

/**
 * Eight bytes of the pool. 25 ns on Node 20 and 24, with the filling of the pool; `Buffer.hexSlice` takes 52 to 76, a table of
 * digit pairs 67. A slice of one long hex string takes 12, but an id that is kept would keep the whole string.
 */
function hex16(at: number): string {
  const a = pool[at]!
  const b = pool[at + 1]!
  const c = pool[at + 2]!
  const d = pool[at + 3]!
  const e = pool[at + 4]!
  const f = pool[at + 5]!
  const g = pool[at + 6]!
  const h = pool[at + 7]!
  // biome-ignore format: two bytes a line
  return String.fromCharCode(
    digits[a >> 4]!, digits[a & 15]!, digits[b >> 4]!, digits[b & 15]!,
    digits[c >> 4]!, digits[c & 15]!, digits[d >> 4]!, digits[d & 15]!,
    digits[e >> 4]!, digits[e & 15]!, digits[f >> 4]!, digits[f & 15]!,
    digits[g >> 4]!, digits[g & 15]!, digits[h >> 4]!, digits[h & 15]!,
  )
}

/** 1111111111111111111 in two halves. */
const FACTOR_HIGH = Number(1_111_111_111_111_111_111n >> 32n)
const FACTOR_LOW = Number(1_111_111_111_111_111_111n & 0xffff_ffffn)
const MAX_ID = 2 ** 64 - 1

/** The largest hash that `rate` keeps, in two halves of 32 bits. */
export interface Threshold {
  readonly high: number
  readonly low: number
}

/** @param rate from 0 to 1 */
export function thresholdOf(rate: number): Threshold {
  // As every Datadog tracer has it: a double times 2^64 - 1, which is 2^64 in a double.
  const limit = rate >= 1 ? 0xffff_ffff_ffff_ffffn : BigInt(Math.floor(rate * MAX_ID))
  return { high: Number(limit >> 32n), low: Number(limit & 0xffff_ffffn) }
}

/**
 * Whether a trace is kept: the lower 64 bits of its id times 1111111111111111111, modulo 2^64, is at most the threshold. The same in
 * every service and language (dd-trace-js `sampler.js`), so a smaller rate keeps a subset of what a larger one keeps.
 *
 * By halves, without BigInt: 40 ns instead of 250.
 *
 * @param traceId 32 hex digits
 */
export function isKept(traceId: string, { high, low }: Threshold): boolean {
  const idHigh = Number.parseInt(traceId.slice(16, 24), 16)
  const idLow = Number.parseInt(traceId.slice(24, 32), 16)
  // The product of the lower halves, by 16 bits at a time: each part fits a double.
  const idLowHigh = Math.floor(idLow / 0x1_0000)
  const idLowLow = idLow & 0xffff
  const a = idLowHigh * FACTOR_LOW
  const b = idLowLow * FACTOR_LOW
  const middle = (a % 0x1_0000) * 0x1_0000 + b
  const hashLow = middle % 0x1_0000_0000
  const carry = Math.floor(a / 0x1_0000) + Math.floor(middle / 0x1_0000_0000)
  const hashHigh =
    (carry + (Math.imul(idLow, FACTOR_HIGH) >>> 0) + (Math.imul(idHigh, FACTOR_LOW) >>> 0)) % 0x1_0000_0000
  return hashHigh < high || (hashHigh === high && hashLow <= low)
}

const double = new Float64Array(1)
const words = new Uint32Array(double.buffer)
// Which of the two words holds sign and exponent depends on the machine.
double[0] = 1
const HIGH = words[1] === 0 ? 0 : 1
const LOW = 1 - HIGH

const EXPONENT_BIAS = 1023
const ONE = EXPONENT_BIAS << 20
const SUBNORMAL_SHIFT = 54

/** 2^scale, without a call of `Math.pow` per measurement. */
const BUCKETS_PER_POWER = Float64Array.from({ length: 21 }, (_, scale) => 2 ** scale)

/**
 * The bucket of `value` > 0 at `scale`: the i with base^i < value ≤ base^(i + 1).
 *
 * The exponent is taken from the bits, so that only a number between 1 and 2 goes through a logarithm: its rounding error is
 * 2^-53 whatever the magnitude, at most 2^-33 of a bucket at scale 20, and powers of two are exact.
 */
export function exponentialIndex(value: number, scale: number): number {
  double[0] = value
  let exponent = ((words[HIGH] as number) >>> 20) - EXPONENT_BIAS
  if (exponent === -EXPONENT_BIAS) {
    double[0] = value * 2 ** SUBNORMAL_SHIFT
    exponent = ((words[HIGH] as number) >>> 20) - EXPONENT_BIAS - SUBNORMAL_SHIFT
  }
  const isPower = words[LOW] === 0 && ((words[HIGH] as number) & 0xf_ffff) === 0
  // The end of a bucket belongs to it.
  if (scale <= 0) return Math.floor((isPower ? exponent - 1 : exponent) / 2 ** -scale)
  const perPower = BUCKETS_PER_POWER[scale] as number
  if (isPower) return exponent * perPower - 1
  words[HIGH] = ((words[HIGH] as number) & 0xf_ffff) | ONE
  const within = Math.ceil(Math.log2(double[0] as number) * perPower) - 1
  return exponent * perPower + Math.min(perPower - 1, Math.max(0, within))
}

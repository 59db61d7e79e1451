/** The 13 hex digits that are read fit a double exactly. */
const RANGE = 16 ** 13

/** For {@link isTraceKept}: of a ratio from 0 to 1; beyond is cut, not a number is 0. */
export function traceThreshold(ratio: number): number {
  return Math.round((1 - Math.min(Math.max(Number(ratio) || 0, 0), 1)) * RANGE)
}

/**
 * Whether the trace is one of the kept ones, the same ones in every service.
 *
 * The rule is OpenTelemetry's consistent probability sampling ("TraceState: Probability Sampling"): a trace is kept when its
 * randomness, the right-most 56 bits of the trace id that W3C level 2 calls random, is at least the rejection threshold
 * `(1 - ratio) * 2^56`; 52 of the bits are compared. So a smaller ratio keeps a subset of what a larger one keeps.
 */
export function isTraceKept(traceId: string, threshold: number): boolean {
  return Number.parseInt(traceId.slice(18, 31), 16) >= threshold
}

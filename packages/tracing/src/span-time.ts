import { countFault } from '@hashira/core'
import type { HrTime } from '@opentelemetry/api'

/** OTLP counts nanoseconds in 64 bits: the year 2554. */
const MAX_SECONDS = 18_446_744_073

/** `[seconds, nanoseconds within the second]` of Unix milliseconds. */
export function fromUnixMs(unixMs: number): HrTime {
  const seconds = Math.floor(unixMs / 1_000)
  const nanos = Math.round((unixMs - seconds * 1_000) * 1_000_000)
  return nanos < 1_000_000_000 ? [seconds, nanos] : [seconds + 1, 0]
}

/** The time now, as a local root's anchor sees it: `offsetMs` is the Unix time (ms) of monotonic zero. */
export function timeNow(offsetMs: number): HrTime {
  return fromUnixMs(offsetMs + performance.now())
}

/**
 * A time that the app gave, or now when it gave none or an invalid one (counted as `time`).
 *
 * As in OpenTelemetry JS: `[seconds, nanoseconds]`, a Date, Unix milliseconds, or a reading of `performance.now()`, which is
 * any number not above the current reading.
 */
export function timeOr(input: unknown, offsetMs: number): HrTime {
  if (input === undefined || input === null) return timeNow(offsetMs)
  const given = readTime(input, offsetMs)
  if (given !== undefined) return given
  countFault('time')
  return timeNow(offsetMs)
}

/** `undefined` when `input` is no time. Never throws. */
export function readTime(input: unknown, offsetMs: number): HrTime | undefined {
  if (typeof input === 'number') {
    return checked(fromUnixMs(input <= performance.now() ? input + offsetMs : input))
  }
  try {
    if (input instanceof Date) return checked(fromUnixMs(Date.prototype.getTime.call(input)))
    if (Array.isArray(input) && input.length === 2) return checked([input[0], input[1]])
  } catch {
    // A Proxy of a Date or of an array; not a time either.
  }
  return undefined
}

function checked(time: HrTime): HrTime | undefined {
  const [seconds, nanos] = time
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > MAX_SECONDS) return undefined
  if (typeof nanos !== 'number' || !(nanos >= 0 && nanos < 1_000_000_000)) return undefined
  return Number.isInteger(nanos) ? time : [seconds, Math.floor(nanos)]
}

export function isBefore(a: HrTime, seconds: number, nanos: number): boolean {
  return a[0] < seconds || (a[0] === seconds && a[1] < nanos)
}

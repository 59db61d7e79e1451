export interface UnixTime {
  readonly seconds: number
  readonly nanos: number
}

/** A number, also as text or with a fraction. */
const DIGITS = /^,"[^"\\]+":"?(\d+)(?:\.\d*)?"?$/

/**
 * The time that a line tells, from the text that pino's `timestamp` made for it (`,"time":1795412345678`): a number, whose digits
 * show whether it is in seconds, milliseconds, microseconds or nanoseconds, or an ISO 8601 text. `nowMs` when it tells none.
 */
export function lineTime(text: string, nowMs: number): UnixTime {
  const digits = DIGITS.exec(text)?.[1]
  return (digits === undefined ? fromText(text) : fromDigits(digits)) ?? fromMs(nowMs)
}

/** From 1973 to 2286, in each unit: no number is a time of today in two of them. */
function fromDigits(digits: string): UnixTime | undefined {
  const { length } = digits
  if (length === 12 || length === 13) return fromMs(Number(digits))
  if (length === 9 || length === 10) return { seconds: Number(digits), nanos: 0 }
  const fraction = length === 15 || length === 16 ? 6 : length === 18 || length === 19 ? 9 : 0
  if (fraction === 0) return undefined
  return {
    seconds: Number(digits.slice(0, -fraction)),
    nanos: Number(digits.slice(-fraction).padEnd(9, '0')),
  }
}

/** `Date` has milliseconds; `isoTimeNano` of pino 10 has more. */
function fromText(text: string): UnixTime | undefined {
  const told = /^,"[^"\\]+":"([^"\\]+)"$/.exec(text)?.[1]
  const ms = told === undefined ? Number.NaN : Date.parse(told)
  if (told === undefined || !(ms >= 0)) return undefined
  const time = fromMs(ms)
  const fraction = /[.,](\d{4,9})/.exec(told)?.[1]
  return fraction === undefined ? time : { seconds: time.seconds, nanos: Number(fraction.padEnd(9, '0')) }
}

function fromMs(ms: number): UnixTime {
  const seconds = Math.floor(ms / 1000)
  return { seconds, nanos: (ms - seconds * 1000) * 1_000_000 }
}

/**
 * How long a `Retry-After` header asks to wait, in milliseconds: whole seconds or an HTTP-date (RFC 9110, 10.2.3).
 * `undefined` for what is neither.
 */
export function retryAfterMs(header: string | undefined, nowUnixMs = Date.now()): number | undefined {
  const text = header?.trim()
  if (text === undefined || text === '') return undefined
  if (/^\d+$/.test(text)) return Number(text) * 1_000
  // Every form of an HTTP-date begins with the day's name; `Date.parse` alone would take "-5" or "2".
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text)) return undefined
  const atUnixMs = Date.parse(text)
  return Number.isNaN(atUnixMs) ? undefined : Math.max(atUnixMs - nowUnixMs, 0)
}

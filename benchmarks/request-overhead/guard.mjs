/** Below this, an instrumentation lost so many spans that its time per request is that of another job. */
const least = 0.9

/**
 * Reasons why a variant's number must not be compared: it did not do the work that it is measured for.
 * `produced` is `{ requests, lines, last, exported }`, with the sink's counts in `exported` and `scraped` from /metrics.
 */
export function faults(variant, { requests, lines, last, exported, scraped }) {
  const found = []
  const expectedLines = variant.logs ? requests : 0
  if (lines !== expectedLines) found.push(`logged ${lines} lines for ${requests} requests`)
  if (variant.traceIds === true && !hasTraceId(last)) found.push(`no trace id in its log line ${last.trim()}`)
  if (exported.unreadable > 0) found.push(`sent ${exported.unreadable} bodies that the sink could not read`)
  if (variant.spans) {
    const share = exported.roots / requests
    if (share === 0) found.push('exported no span')
    else if (share < least)
      found.push(`exported a server span for only ${(share * 100).toFixed(0)} % of the requests`)
    else if (share > 1.001) found.push(`exported ${share.toFixed(2)} server spans per request`)
  } else if (exported.spans > 0) found.push(`exported ${exported.spans} spans, none were expected`)
  if (variant.metrics === 'otlp' && exported.metricPosts === 0) found.push('exported no metrics')
  if (variant.metrics === 'prometheus' && scraped !== requests)
    found.push(`/metrics counts ${scraped} of ${requests} requests`)
  return found
}

// OpenTelemetry's and Hashira's key; Datadog puts its ids below `dd`.
function hasTraceId(line) {
  try {
    const { trace_id: id, dd } = JSON.parse(line)
    return /^[0-9a-f]{32}$/.test(id ?? '') || /^[0-9a-f]{16,32}$|^\d+$/.test(dd?.trace_id ?? '')
  } catch {
    return false
  }
}

const SERIES = /^http_server_request_duration_seconds_(bucket|count)\{(.*)\} (\S+)$/
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g

/** Rows of rate, errors and durations per route, from the text of a `/metrics` page: what Prometheus would compute. */
export function redRows(service, metricsText, seconds) {
  const routes = new Map()
  for (const line of metricsText.split('\n')) {
    const match = SERIES.exec(line)
    if (match === null) continue
    const labels = Object.fromEntries([...match[2].matchAll(LABEL)].map(([, name, value]) => [name, value]))
    const name = `${labels.http_request_method} ${labels.http_route ?? '(no route)'}`
    const route = routes.get(name) ?? { count: 0, errors: 0, buckets: new Map() }
    routes.set(name, route)
    const value = Number(match[3])
    if (match[1] === 'bucket') route.buckets.set(labels.le, (route.buckets.get(labels.le) ?? 0) + value)
    else {
      route.count += value
      if (labels.http_response_status_code >= '500') route.errors += value
    }
  }
  return [...routes].map(([name, route]) => ({
    service,
    route: name,
    rate: route.count / seconds,
    errors: route.errors / route.count,
    p50: quantile(route, 0.5),
    p95: quantile(route, 0.95),
    p99: quantile(route, 0.99),
  }))
}

// As PromQL's histogram_quantile: linear inside the bucket that holds the rank.
function quantile({ buckets, count }, q) {
  let lower = 0
  let below = 0
  for (const [le, cumulative] of [...buckets].sort(([a], [b]) => bound(a) - bound(b))) {
    const upper = bound(le)
    if (cumulative >= q * count) {
      if (upper === Infinity) return lower
      return lower + ((upper - lower) * (q * count - below)) / (cumulative - below)
    }
    lower = upper
    below = cumulative
  }
  return lower
}

function bound(le) {
  return le === '+Inf' ? Infinity : Number(le)
}

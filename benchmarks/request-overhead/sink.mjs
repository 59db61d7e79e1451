// Stands in for an OpenTelemetry collector and a Datadog agent: takes everything, answers 200, and counts per variant.
// Its own process, so that what it costs is nobody's. The parent asks with a variant's name for a port, with `counts` for the totals.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { countLogRecords, countSpans } from './count-spans.mjs'

const counts = {}

const agentInfo = JSON.stringify({
  version: '7.70.0',
  endpoints: ['/v0.3/traces', '/v0.4/traces', '/v0.5/traces', '/v0.6/stats', '/telemetry/proxy/'],
  client_drop_p0s: true,
  config: {},
})

async function listen(variant) {
  const count = { posts: 0, bytes: 0, spans: 0, roots: 0, metricPosts: 0, logRecords: 0, unreadable: 0 }
  counts[variant] = count
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray())
    response.setHeader('content-type', 'application/json')
    if (request.url === '/info') return response.end(agentInfo)
    count.posts++
    count.bytes += body.length
    try {
      account(count, request, body)
    } catch {
      count.unreadable++
    }
    response.end(
      request.url.endsWith('/traces') && request.url.startsWith('/v0') ? '{"rate_by_service":{}}' : '{}',
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server.address().port
}

/** `roots` are what there should be one of per request: OTLP spans of kind SERVER, Datadog traces. */
function account(count, { url, headers }, body) {
  if (url === '/v1/traces') {
    const { spans, server } = countSpans(unzipped(headers, body), headers['content-type'])
    count.spans += spans
    count.roots += server
  } else if (url === '/v1/metrics') count.metricPosts++
  else if (url === '/v1/logs')
    count.logRecords += countLogRecords(unzipped(headers, body), headers['content-type'])
  else if (/^\/v0\.\d\/traces$/.test(url)) {
    const traces = Number(headers['x-datadog-trace-count'] ?? 0)
    count.spans += traces
    count.roots += traces
  }
}

function unzipped(headers, body) {
  return headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
}

process.on('message', async ({ id, ask }) => {
  process.send({ id, answer: ask === 'counts' ? counts : await listen(ask) })
})
process.on('disconnect', () => process.exit())

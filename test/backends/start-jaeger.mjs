import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from './free-ports.mjs'
import { jaegerBinary } from './get-jaeger.mjs'
import { getJson } from './get-json.mjs'
import { startServer } from './start-server.mjs'

/**
 * A Jaeger with its storage in memory: `{ otlpUrl, queryUrl, version, stop() }`, or `{ missing: reason }`.
 * `JAEGER_URL` (OTLP/HTTP) and `JAEGER_QUERY_URL` name one that runs already; it is used and left running.
 */
export async function startJaeger() {
  try {
    return running() ?? (await start())
  } catch (error) {
    return { missing: error.message }
  }
}

function running() {
  const { JAEGER_URL: otlpUrl, JAEGER_QUERY_URL: queryUrl } = process.env
  if (!otlpUrl && !queryUrl) return undefined
  if (!otlpUrl || !queryUrl)
    throw new Error('JAEGER_URL and JAEGER_QUERY_URL go together; one of them is not set')
  return { otlpUrl, queryUrl, version: `running at ${queryUrl}`, stop: async () => {} }
}

async function start() {
  const { path, version, missing } = await jaegerBinary()
  if (missing) return { missing }
  const host = process.env.JAEGER_LISTEN_HOST || 'localhost'
  const [otlp, query, queryGrpc] = (await freePorts(3, host)).map((port) => `${host}:${port}`)
  const queryUrl = `http://${query}`
  const folder = mkdtempSync(join(tmpdir(), 'hashira-jaeger-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    const file = join(folder, 'config.yaml')
    writeFileSync(file, JSON.stringify(config({ otlp, query, queryGrpc })))
    const server = await startServer(path, ['--config', file], {
      log: join(folder, 'jaeger.log'),
      // Jaeger traces its own queries into port 4317, whoever listens there, and waits for that when it stops.
      env: { OTEL_TRACES_SAMPLER: 'always_off' },
      ready: () => getJson(`${queryUrl}/api/services`),
    })
    return { otlpUrl: `http://${otlp}`, queryUrl, version, stop: () => server.stop().finally(remove) }
  } catch (error) {
    remove()
    throw error
  }
}

// JSON is YAML. No batch processor: a span can be read back as soon as its request is answered.
function config({ otlp, query, queryGrpc }) {
  return {
    service: {
      extensions: ['jaeger_storage', 'jaeger_query'],
      pipelines: { traces: { receivers: ['otlp'], exporters: ['jaeger_storage_exporter'] } },
      telemetry: { metrics: { level: 'none' } },
    },
    extensions: {
      jaeger_storage: { backends: { memory: { memory: { max_traces: 100_000 } } } },
      jaeger_query: {
        storage: { traces: 'memory' },
        http: { endpoint: query },
        grpc: { endpoint: queryGrpc },
      },
    },
    receivers: { otlp: { protocols: { http: { endpoint: otlp } } } },
    exporters: { jaeger_storage_exporter: { trace_storage: 'memory' } },
  }
}

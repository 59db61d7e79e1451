import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts } from '../free-ports.mjs'
import { getJson } from '../get-json.mjs'
import { inOwnFolder } from '../own-folder.mjs'
import { startServer } from '../start-server.mjs'
import { config } from './config.mjs'
import { get } from './get.mjs'
import { noStrategies } from './sampling.mjs'

export { get }
export const coldMinutes = 6

const listeners = ['otlp', 'otlpGrpc', 'thrift', 'zipkin', 'sampling', 'samplingGrpc', 'query', 'queryGrpc']

/**
 * A Jaeger with its storage in memory: `otlpUrl` (HTTP), `otlpGrpcUrl`, `thriftUrl` (over HTTP), `zipkinUrl`, `samplingUrl`, `queryUrl`,
 * all bases without a path, and `samplingFile`, what it samples by (`sampling.mjs`).
 * `JAEGER_URL` (OTLP/HTTP) and `JAEGER_QUERY_URL` name one that runs already; it is used and left running, and nothing else is known.
 */
export async function start() {
  return running() ?? (await startOwn())
}

function running() {
  const { JAEGER_URL: otlpUrl, JAEGER_QUERY_URL: queryUrl } = process.env
  if (!otlpUrl && !queryUrl) return undefined
  if (!otlpUrl || !queryUrl)
    throw new Error('JAEGER_URL and JAEGER_QUERY_URL go together; one of them is not set')
  return { version: `running at ${queryUrl}`, given: { otlpUrl, queryUrl } }
}

async function startOwn() {
  const { path, version } = await get()
  const host = process.env.JAEGER_LISTEN_HOST || 'localhost'
  const ports = await freePorts(listeners.length, host)
  const at = Object.fromEntries(listeners.map((name, index) => [name, `${host}:${ports[index]}`]))
  return inOwnFolder('jaeger', async (folder) => {
    const samplingFile = join(folder, 'sampling.json')
    writeFileSync(samplingFile, JSON.stringify(noStrategies))
    const file = join(folder, 'config.yaml')
    writeFileSync(file, JSON.stringify(config({ at, samplingFile })))
    const given = { ...urls(at), samplingFile }
    const { stop } = await startServer(path, ['--config', file], {
      log: join(folder, 'jaeger.log'),
      // Jaeger traces its own queries into port 4317, whoever listens there, and waits for that when it stops.
      env: { OTEL_TRACES_SAMPLER: 'always_off' },
      ready: () => getJson(`${given.queryUrl}/api/services`),
    })
    return { version, given, stop }
  })
}

function urls(at) {
  return {
    otlpUrl: `http://${at.otlp}`,
    otlpGrpcUrl: `http://${at.otlpGrpc}`,
    thriftUrl: `http://${at.thrift}`,
    zipkinUrl: `http://${at.zipkin}`,
    samplingUrl: `http://${at.sampling}`,
    queryUrl: `http://${at.query}`,
  }
}

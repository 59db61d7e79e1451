import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts } from '../free-ports.mjs'
import { getJson } from '../get-json.mjs'
import { inOwnFolder } from '../own-folder.mjs'
import { startServer } from '../start-server.mjs'
import { config } from './config.mjs'
import { get } from './get.mjs'

export { get }
export const coldMinutes = 6

/**
 * A Jaeger with its storage in memory: `otlpUrl` (OTLP/HTTP), `queryUrl`.
 * `JAEGER_URL` (OTLP/HTTP) and `JAEGER_QUERY_URL` name one that runs already; it is used and left running.
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
  const [otlp, query, queryGrpc] = (await freePorts(3, host)).map((port) => `${host}:${port}`)
  const queryUrl = `http://${query}`
  return inOwnFolder('jaeger', async (folder) => {
    const file = join(folder, 'config.yaml')
    writeFileSync(file, JSON.stringify(config({ otlp, query, queryGrpc })))
    const { stop } = await startServer(path, ['--config', file], {
      log: join(folder, 'jaeger.log'),
      // Jaeger traces its own queries into port 4317, whoever listens there, and waits for that when it stops.
      env: { OTEL_TRACES_SAMPLER: 'always_off' },
      ready: () => getJson(`${queryUrl}/api/services`),
    })
    return { version, given: { otlpUrl: `http://${otlp}`, queryUrl }, stop }
  })
}

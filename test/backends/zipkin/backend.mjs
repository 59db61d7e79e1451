import { join } from 'node:path'
import { freePorts } from '../free-ports.mjs'
import { inOwnFolder } from '../own-folder.mjs'
import { startServer } from '../start-server.mjs'
import { get } from './get.mjs'

export { get }
export const coldMinutes = 0.4

const host = '127.0.0.1'

/** A Zipkin with its storage in memory: `url`, a base for `/api/v2/spans` and what reads back (`query.mjs`). Up after 15 s and more. */
export async function start() {
  const { path, version } = await get()
  const [port] = await freePorts(1, host)
  const url = `http://${host}:${port}`
  // Its own setting, `server.port`, listens on every address.
  const listen = [`ip=${host}`, `port=${port}`, 'protocols[0]=http'].map(
    (rule) => `--armeria.ports[0].${rule}`,
  )
  return inOwnFolder('zipkin', async (folder) => {
    const { stop } = await startServer('java', ['-jar', path, ...listen], {
      log: join(folder, 'zipkin.log'),
      timeoutMs: 180_000,
      ready: () => isUp(url),
    })
    return { version, given: { url }, stop }
  })
}

async function isUp(url) {
  const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(5000) })
  await response.text()
  return response.ok
}

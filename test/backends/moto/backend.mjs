import { join } from 'node:path'
import { freePorts } from '../free-ports.mjs'
import { getJson } from '../get-json.mjs'
import { inOwnFolder } from '../own-folder.mjs'
import { startServer } from '../start-server.mjs'
import { get } from './get.mjs'

export { get }
export const coldMinutes = 0.6

const host = '127.0.0.1'

/** moto's server: `url`, the endpoint of every AWS service in every region, with any credentials; read back by `api.mjs`. */
export async function start() {
  const { path, version } = await get()
  const [port] = await freePorts(1, host)
  const url = `http://${host}:${port}`
  return inOwnFolder('moto', async (folder) => {
    const { stop } = await startServer(path, ['-m', 'moto.server', '-H', host, '-p', String(port)], {
      log: join(folder, 'moto.log'),
      timeoutMs: 120_000,
      ready: () => getJson(`${url}/moto-api/data.json`),
    })
    return { version, given: { url }, stop }
  })
}

import { join } from 'node:path'
import { command } from '../command.mjs'
import { freePorts } from '../free-ports.mjs'
import { getJson } from '../get-json.mjs'
import { inOwnFolder } from '../own-folder.mjs'
import { startServer } from '../start-server.mjs'

export const coldMinutes = 0

/** The Pushgateway program: `PUSHGATEWAY_BIN`, else Debian's on the PATH. */
export async function get() {
  const path = process.env.PUSHGATEWAY_BIN || 'prometheus-pushgateway'
  const said = await command(path, ['--version'], { stderrToo: true })
  return { path, version: /version ([^\s,]+)/.exec(said)?.[1] ?? said.split('\n')[0] }
}

/** A Pushgateway: `url`, a base for `/metrics/job/…`; what it holds is at `/metrics` and, as JSON, by `query.mjs`. */
export async function start() {
  const { path, version } = await get()
  const [port] = await freePorts(1, '127.0.0.1')
  const url = `http://127.0.0.1:${port}`
  return inOwnFolder('pushgateway', async (folder) => {
    const { stop } = await startServer(path, [`--web.listen-address=127.0.0.1:${port}`], {
      log: join(folder, 'pushgateway.log'),
      ready: () => getJson(`${url}/api/v1/status`),
    })
    return { version, given: { url }, stop }
  })
}

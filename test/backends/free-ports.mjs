import { once } from 'node:events'
import { createServer } from 'node:net'

/** Ports of `host` that nothing listens on. All are held open until all are known, so no two are the same. */
export async function freePorts(count, host) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, host))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => server.address().port)
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))))
  return ports
}

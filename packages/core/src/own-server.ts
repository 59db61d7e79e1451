// A registered symbol: another copy of Hashira sees the mark.
const OWN = Symbol.for('hashira.server')

/** Marks a server that Hashira itself opens (metrics are fetched from it): what it serves is no request of the app's. */
export function markOwnServer<T extends object>(server: T): T {
  Object.defineProperty(server, OWN, { value: true })
  return server
}

export function isOwnServer(server: object): boolean {
  return (server as { [OWN]?: boolean })[OWN] === true
}

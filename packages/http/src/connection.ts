import type { IncomingMessage } from 'node:http'

/** What is the same for every request of a connection. */
export interface Connection {
  readonly scheme: 'http' | 'https'
  readonly peerAddress: string | undefined
  readonly peerPort: number | undefined
}

const CONNECTION = Symbol('hashira.connection')

interface Carrier {
  [CONNECTION]?: Connection
  readonly encrypted?: unknown
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
}

const unknownConnection: Connection = { scheme: 'http', peerAddress: undefined, peerPort: undefined }

/**
 * Remembered on the socket (HTTP/2: on the session, whose `socket` is a proxy): the getters of a socket ask the operating
 * system's handle, about 1.5 µs for address and port the first time on Node 20 and 0.3 µs after that; this is a property.
 */
export function connectionOf(request: IncomingMessage): Connection {
  const socket = request.socket as Carrier | undefined
  if (request.httpVersionMajor >= 2) return ofSession(request, socket)
  if (socket === undefined || socket === null) return unknownConnection
  return socket[CONNECTION] ?? remember(socket, socket)
}

function ofSession(request: IncomingMessage, socket: Carrier | undefined): Connection {
  const session = (request as { stream?: { session?: Carrier } }).stream?.session
  if (session === undefined || socket === undefined) return unknownConnection
  return session[CONNECTION] ?? remember(session, socket)
}

function remember(carrier: Carrier, socket: Carrier): Connection {
  const connection: Connection = {
    scheme: socket.encrypted ? 'https' : 'http',
    peerAddress: socket.remoteAddress,
    peerPort: socket.remotePort,
  }
  carrier[CONNECTION] = connection
  return connection
}

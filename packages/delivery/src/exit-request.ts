import type { DatagramRequest, HttpRequest, StreamRequest, TransportRequest } from '@hashira/core'

/**
 * What a transport said as something that a worker can be given: plain data, its bytes copied once and exactly, as a view on a
 * large buffer would be cloned with all of it. Throws for what is no request, so that one bad transport keeps nobody else from
 * being sent.
 */
export function exitRequest(request: TransportRequest): TransportRequest {
  if (request.protocol === 'udp') return datagrams(request)
  return request.protocol === 'stream' ? stream(request) : http(request)
}

/** The memory that a request's bytes are in, to be moved rather than copied again. */
export function buffersOf(request: TransportRequest): ArrayBuffer[] {
  const parts =
    request.protocol === 'udp'
      ? request.datagrams
      : [request.protocol === 'stream' ? request.bytes : request.body]
  return parts.map((bytes) => bytes.buffer as ArrayBuffer)
}

function http({ url, method, headers, body, socketPath, tls }: HttpRequest): HttpRequest {
  if (!URL.canParse(url)) throw new TypeError('no request')
  const texts = Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)])
  return {
    url: String(url),
    method: String(method),
    headers: Object.fromEntries(texts),
    body: copyOf(body),
    ...(socketPath === undefined ? {} : { socketPath: String(socketPath) }),
    tls: tls && { ca: tls.ca, cert: tls.cert, key: tls.key },
  }
}

function datagrams({ host, port, datagrams }: DatagramRequest): DatagramRequest {
  return { protocol: 'udp', host: String(host), port: Number(port), datagrams: Array.from(datagrams, copyOf) }
}

function stream({ host, port, path, bytes }: StreamRequest): StreamRequest {
  const address = path === undefined ? { host: String(host), port: Number(port) } : { path: String(path) }
  return { protocol: 'stream', ...address, bytes: copyOf(bytes) }
}

function copyOf(bytes: Uint8Array): Uint8Array {
  if (!ArrayBuffer.isView(bytes)) throw new TypeError('no bytes')
  return new Uint8Array(bytes)
}

import { connect as connectTcp } from 'node:net'
import type { HttpRequest, Transport, TransportRequest } from '@hashira/core'
import { detached } from './detached'
import { errorText } from './error-text'
import { HttpClient } from './http-client'

export interface ProbeResult {
  /** `unknown`: there is nothing to find out without sending something real (UDP). */
  readonly reachable: 'yes' | 'no' | 'unknown'
  /** For people: `answers 200`, `connect ECONNREFUSED 127.0.0.1:4318`. */
  readonly detail: string
}

/** These say that somebody is there who does not want what we would send: the address or the credentials are wrong. */
const WRONG: Readonly<Record<number, string>> = {
  401: 'it refuses the credentials',
  403: 'it refuses the credentials',
  404: 'nothing is at this path',
  405: 'nothing takes telemetry at this path',
}

/**
 * Finds out whether the other end of a transport is there, by a real exchange: the transport's own request with an empty body
 * for HTTP, a connection for TCP and unix sockets. Nothing is delivered. Never rejects.
 */
export async function probe(transport: Transport, timeoutMs = 2_000): Promise<ProbeResult> {
  const request = requestOf(transport)
  if (request !== undefined && 'url' in request) return probeHttp(request, timeoutMs)
  const target = socketOf(request, transport.destination)
  if (target !== undefined) return probeSocket(target, timeoutMs)
  return { reachable: 'unknown', detail: 'cannot be known without sending' }
}

function requestOf(transport: Transport): TransportRequest | undefined {
  try {
    return transport.toRequest?.({ bytes: new Uint8Array(0), itemCount: 0 })
  } catch {
    // Signed requests exist only for batches that were signed; the address alone must do.
    const { destination } = transport
    return /^https?:/.test(destination)
      ? { url: destination, method: 'POST', headers: {}, body: new Uint8Array(0) }
      : undefined
  }
}

async function probeHttp(
  { url, method, headers, body, socketPath, tls }: HttpRequest,
  timeoutMs: number,
): Promise<ProbeResult> {
  const client = new HttpClient()
  try {
    const { status } = await client.request({
      url,
      method,
      headers,
      body,
      socketPath,
      ca: tls?.ca,
      timeoutMs,
    })
    const wrong = WRONG[status]
    if (wrong !== undefined) return { reachable: 'no', detail: `answers ${status}: ${wrong}` }
    if (status >= 500) return { reachable: 'no', detail: `answers ${status}` }
    return { reachable: 'yes', detail: `answers ${status}` }
  } catch (error) {
    return { reachable: 'no', detail: errorText(error) }
  } finally {
    client.close()
  }
}

type Target = { readonly host: string; readonly port: number } | { readonly path: string }

function socketOf(request: TransportRequest | undefined, destination: string): Target | undefined {
  if (request?.protocol === 'stream') {
    if (request.path !== undefined) return { path: request.path }
    if (request.port !== undefined) return { host: request.host ?? 'localhost', port: request.port }
  }
  if (!URL.canParse(destination)) return undefined
  const { protocol, hostname, port, pathname } = new URL(destination)
  if (protocol === 'unix:') return { path: pathname }
  return protocol === 'tcp:' ? { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) } : undefined
}

function probeSocket(target: Target, timeoutMs: number): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = detached(() => connectTcp({ ...target, timeout: timeoutMs }))
    const done = (result: ProbeResult) => {
      socket.destroy()
      resolve(result)
    }
    socket.on('connect', () => done({ reachable: 'yes', detail: 'takes connections' }))
    socket.on('timeout', () => done({ reachable: 'no', detail: `no connection within ${timeoutMs} ms` }))
    socket.on('error', (error) => done({ reachable: 'no', detail: errorText(error) }))
  })
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'
import { countFault, isOwnServer } from '@hashira/core'
import type { Context } from '@opentelemetry/api'
import { watchPipelined } from '../pipelined'
import { operationOn, watchStream } from '../watch'
import { HandshakeResponse } from './handshake-response'
import { exchangeOf } from './stream-exchange'

/** How an observer begins a request that it hears of from the server. */
export type Begin = (request: IncomingMessage, response: ServerResponse, url: string) => Context

/** What is needed of a server; `node:http`, `https` and `http2` have it. */
export interface EmittingServer {
  emit(...args: never[]): boolean
  listenerCount(event: string): number
}

/**
 * The context to run the listeners of a server's event in, when the event is a request: `undefined` for every other one, and
 * for servers of Hashira's own. Never throws.
 */
export function contextOfEvent(
  begin: Begin,
  server: EmittingServer,
  args: readonly unknown[],
): Context | undefined {
  switch (args[0]) {
    case 'request':
    case 'checkContinue':
    case 'checkExpectation':
    case 'upgrade':
    case 'connect':
    case 'stream':
      return beginOf(begin, server, args)
    default:
      return undefined
  }
}

function beginOf(begin: Begin, server: EmittingServer, args: readonly unknown[]): Context | undefined {
  try {
    if (isOwnServer(server)) return undefined
    if (args[0] === 'stream') return beginStream(begin, server, args)
    const [, request, second] = args
    if (!isRequest(request)) return undefined
    // HTTP/2 has a response for CONNECT as well.
    const isAnswered = typeof (second as Partial<ServerResponse>).writeHead === 'function'
    if (!isAnswered) return beginHandshake(begin, request, second as Duplex)
    return begin(request, second as ServerResponse, request.url ?? '/')
  } catch {
    countFault('server_event')
    return undefined
  }
}

function isRequest(value: unknown): value is IncomingMessage {
  const { rawHeaders, httpVersionMajor } = (value ?? {}) as Partial<IncomingMessage>
  return typeof rawHeaders === 'object' && typeof httpVersionMajor === 'number'
}

/** 'upgrade' and CONNECT of HTTP/1: over when the status line is written on the socket, or when it closes before. */
function beginHandshake(begin: Begin, request: IncomingMessage, socket: Duplex): Context {
  const context = begin(request, HandshakeResponse.on(socket), request.url ?? '/')
  const operation = operationOn(request)
  if (operation?.isOver === false && operation.release === undefined) watchPipelined(request, operation)
  return context
}

/** Node makes request and response of a stream only if the server has a listener for 'request', which hears of it then. */
function beginStream(
  begin: Begin,
  server: EmittingServer,
  [, stream, headers]: readonly unknown[],
): Context | undefined {
  if (server.listenerCount('request') > 0) return undefined
  const known = operationOn(stream as object)
  if (known !== undefined) return known.context
  const [request, response] = exchangeOf(stream as ServerHttp2Stream, headers as IncomingHttpHeaders)
  const context = begin(request, response, request.url as string)
  const operation = operationOn(request)
  if (operation !== undefined) watchStream(stream as ServerHttp2Stream, operation)
  return context
}

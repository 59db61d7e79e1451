import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { activeContext, countFault } from '@hashira/core'
import type { CallSocket, ClientCall } from './client-call'
import { originOf } from './origin'
import type { BegunCall, OutgoingCalls } from './outgoing-calls'
import { UndiciCallerContext } from './undici-caller-context'
import { setUndiciHeaders, type UndiciRequest } from './undici-request'

interface Message {
  readonly request: UndiciRequest
  readonly socket?: CallSocket
  readonly response?: { readonly statusCode: number }
  readonly error?: unknown
}

/** Observes undici 5 to 8 and Node's own `fetch` through their diagnostics channels. The function returned ends it. */
export function observeUndici(calls: OutgoingCalls): () => void {
  const underWay = new WeakMap<UndiciRequest, ClientCall>()
  const callerContext = new UndiciCallerContext()

  const handlers: Record<string, (message: Message) => void> = {
    'undici:request:create': ({ request }) => {
      callerContext.discover(request)
      const begun = begin(calls, request)
      if (begun?.call !== undefined) underWay.set(request, begun.call)
    },
    'undici:client:sendHeaders': ({ request, socket }) => {
      if (socket !== undefined) underWay.get(request)?.connected(socket)
    },
    'undici:request:headers': ({ request, response }) => {
      const call = underWay.get(request)
      if (call === undefined || response === undefined || response.statusCode < 200) return
      // For HTTP/2, undici 5 and 6 publish no sending of headers.
      call.responded(response.statusCode, call.isConnected ? '1.1' : '2')
    },
    'undici:request:trailers': ({ request }) => underWay.get(request)?.completed(),
    'undici:request:error': ({ request, error }) => underWay.get(request)?.failed(error),
  }

  const subscriptions = Object.entries(handlers).map(([channel, handle]) => {
    const guarded = (message: unknown) => {
      try {
        handle(message as Message)
      } catch {
        countFault('undici')
      }
    }
    subscribe(channel, guarded)
    return () => unsubscribe(channel, guarded)
  })

  return () => {
    for (const unsubscribeOne of subscriptions) unsubscribeOne()
    callerContext.undo()
  }
}

function begin(calls: OutgoingCalls, request: UndiciRequest): BegunCall | undefined {
  // A tunnel carries calls, it is none.
  if (request.method === 'CONNECT') return undefined
  // A request to a proxy has the whole URL as its path.
  const pathStart = request.path.startsWith('http')
    ? request.path.indexOf('/', request.path.indexOf('://') + 3)
    : 0
  const origin = originOf(pathStart > 0 ? request.path.slice(0, pathStart) : String(request.origin))
  if (origin === undefined) return undefined
  const target = { method: request.method, origin, path: request.path.slice(Math.max(0, pathStart)) }
  // Whether an upgrade succeeds is not published by undici 5 and early 6: its span would never end.
  const begun = request.upgrade ? calls.carry(activeContext(), target) : calls.begin(activeContext(), target)
  if (begun === undefined) return undefined
  setUndiciHeaders(request, begun.headers)
  return begun
}

import http, { type ClientRequest } from 'node:http'
import https from 'node:https'
import { syncBuiltinESMExports } from 'node:module'
import { activeContext, countFault } from '@hashira/core'
import type { ClientCall } from './client-call'
import { targetOf, withHeaders } from './node-http-arguments'
import { followRequest } from './node-http-request'
import type { BegunCall, OutgoingCalls } from './outgoing-calls'

type MakeRequest = (this: unknown, ...args: unknown[]) => ClientRequest
type Scheme = 'http' | 'https'
type Name = 'request' | 'get'
type Target = Record<Name, MakeRequest>

/**
 * Observes `http.request`, `http.get`, `https.request` and `https.get`, named ES module imports included. The function
 * returned ends it; where others have wrapped them since, ours stay below and do nothing.
 */
export function observeNodeHttp(calls: OutgoingCalls): () => void {
  const state: WrapState = { active: true, depth: 0 }
  const undos = [
    wrap(http as unknown as Target, 'request', 'http', calls, state),
    wrap(http as unknown as Target, 'get', 'http', calls, state),
    wrap(https as unknown as Target, 'request', 'https', calls, state),
    wrap(https as unknown as Target, 'get', 'https', calls, state),
  ]
  syncBuiltinESMExports()
  return () => {
    state.active = false
    for (const undo of undos) undo()
    syncBuiltinESMExports()
  }
}

interface WrapState {
  active: boolean
  /** Above 0 while a request is made: what it calls itself (another wrapper's `get` calls `request`) is part of it. */
  depth: number
}

function wrap(
  target: Target,
  name: Name,
  scheme: Scheme,
  calls: OutgoingCalls,
  state: WrapState,
): () => void {
  const original = target[name]
  const wrapped: MakeRequest = function (this: unknown, ...args) {
    const begun = state.active && state.depth === 0 ? begin(calls, args, scheme) : undefined
    if (begun === undefined) return original.apply(this, args)
    state.depth++
    let request: ClientRequest
    try {
      request = original.apply(this, begun.args)
    } catch (error) {
      begun.call?.failed(error)
      throw error
    } finally {
      state.depth--
    }
    if (begun.call !== undefined) follow(request, begun.call)
    return request
  }
  Object.defineProperty(wrapped, 'name', { value: original.name, configurable: true })
  Object.defineProperty(wrapped, 'length', { value: original.length, configurable: true })
  target[name] = wrapped
  return () => {
    if (target[name] === wrapped) target[name] = original
  }
}

function begin(
  calls: OutgoingCalls,
  args: unknown[],
  scheme: Scheme,
): (BegunCall & { args: unknown[] }) | undefined {
  try {
    const target = targetOf(args, scheme)
    if (target === undefined) return undefined
    const begun = calls.begin(activeContext(), target)
    if (begun === undefined) return undefined
    return { ...begun, args: begun.headers.length === 0 ? args : withHeaders(args, begun.headers) }
  } catch {
    // The arguments are such that Node throws as well.
    return undefined
  }
}

function follow(request: ClientRequest, call: ClientCall): void {
  try {
    followRequest(request, call)
  } catch {
    countFault('node_http')
    call.completed()
  }
}

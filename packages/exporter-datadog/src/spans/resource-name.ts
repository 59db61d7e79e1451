import type { SpanKind } from '@opentelemetry/api'
import { SLOT } from './attribute-keys'
import { KIND } from './kinds'
import type { Slots } from './span-facts'

const MAX_JOINED = 2_000
const joined = new Map<string, Map<string, string>>()

/**
 * What the operation works on: `GET /users/:id` for a server (`GET` without a route) and `GET` for a client, as dd-trace names
 * them; the statement of a database; otherwise the span's name (datadog-agent `GetOTelResourceV2`). `resource.name` wins.
 */
export function resourceName(spanName: string, kind: SpanKind, slots: Slots): string {
  const given = slots[SLOT.resource]
  if (given) return given
  const method = slots[SLOT.httpMethod]
  if (method) return httpResource(method === '_OTHER' ? 'HTTP' : method, kind, slots[SLOT.httpRoute])
  return (
    withSecond(slots[SLOT.messagingOperation], slots[SLOT.messagingDestination]) ??
    withSecond(slots[SLOT.rpcMethod], slots[SLOT.rpcService]) ??
    withSecond(slots[SLOT.graphqlType], slots[SLOT.graphqlName]) ??
    ((slots[SLOT.dbSystem] && slots[SLOT.dbStatement]) || spanName)
  )
}

function withSecond(first: string | undefined, second: string | undefined): string | undefined {
  if (!first) return undefined
  return second ? `${first} ${second}` : first
}

/** Joined once per method and route. */
function httpResource(method: string, kind: SpanKind, route: string | undefined): string {
  if (kind !== KIND.SERVER || !route) return method
  let byRoute = joined.get(method)
  if (byRoute === undefined) {
    byRoute = new Map()
    if (joined.size < 32) joined.set(method, byRoute)
  }
  let name = byRoute.get(route)
  if (name === undefined) {
    name = `${method} ${route}`
    if (byRoute.size < MAX_JOINED) byRoute.set(route, name)
  }
  return name
}

import type { SpanKind } from '@opentelemetry/api'
import { SLOT } from './attribute-keys'
import { KIND } from './kinds'
import type { Slots } from './span-facts'

/**
 * The operation that Datadog groups by: `http.server.request`, `postgresql.query`. The rules are those by which the agent names
 * spans that come over OTLP (datadog-agent `GetOTelOperationNameV2`), and dd-trace-js those of its OpenTelemetry API; the
 * attribute `operation.name` wins.
 */
export function operationName(kind: SpanKind, slots: Slots): string {
  const given = slots[SLOT.operation]
  if (given) return given
  if (slots[SLOT.httpMethod]) {
    if (kind === KIND.SERVER) return 'http.server.request'
    if (kind === KIND.CLIENT) return 'http.client.request'
  }
  if (kind === KIND.INTERNAL) return slots[SLOT.graphqlType] ? 'graphql.server.request' : 'internal'
  if (kind === KIND.CLIENT && slots[SLOT.dbSystem]) return `${slots[SLOT.dbSystem]}.query`
  const messaging = slots[SLOT.messagingSystem]
  if (messaging && slots[SLOT.messagingOperation]) return `${messaging}.${slots[SLOT.messagingOperation]}`
  if (kind === KIND.SERVER) return serverOperation(slots)
  if (kind === KIND.CLIENT) return clientOperation(slots)
  if (slots[SLOT.graphqlType]) return 'graphql.server.request'
  return kind === KIND.PRODUCER ? 'producer' : 'consumer'
}

function serverOperation(slots: Slots): string {
  const rpc = slots[SLOT.rpcSystem]
  if (rpc) return `${rpc}.server.request`
  const trigger = slots[SLOT.faasTrigger]
  if (trigger) return `${trigger}.invoke`
  if (slots[SLOT.graphqlType]) return 'graphql.server.request'
  const protocol = slots[SLOT.protocol]
  return protocol ? `${protocol}.server.request` : 'server.request'
}

function clientOperation(slots: Slots): string {
  const rpc = slots[SLOT.rpcSystem]
  if (rpc === 'aws-api') return `aws.${slots[SLOT.rpcService] || 'client'}.request`
  if (rpc) return `${rpc}.client.request`
  const [provider, name] = [slots[SLOT.faasProvider], slots[SLOT.faasName]]
  if (provider && name) return `${provider}.${name}.invoke`
  if (slots[SLOT.graphqlType]) return 'graphql.server.request'
  const protocol = slots[SLOT.protocol]
  return protocol ? `${protocol}.client.request` : 'client.request'
}

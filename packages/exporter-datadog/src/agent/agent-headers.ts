import { VERSION } from '../version'
import type { Entity } from './entity'

/** Sent with everything that goes to the agent (datadog-agent `pkg/trace/api/internal/header`). */
export function agentHeaders(
  { containerId, entityId }: Entity,
  externalEnv: string | undefined,
): Record<string, string> {
  return {
    'datadog-meta-lang': 'nodejs',
    'datadog-meta-lang-version': process.version,
    'datadog-meta-lang-interpreter': 'v8',
    'datadog-meta-tracer-version': VERSION,
    ...(containerId === undefined ? undefined : { 'datadog-container-id': containerId }),
    ...(entityId === undefined ? undefined : { 'datadog-entity-id': entityId }),
    ...(externalEnv === undefined ? undefined : { 'datadog-external-env': externalEnv }),
  }
}

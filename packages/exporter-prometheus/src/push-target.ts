import type { Resource } from '@hashira/core'

/** The labels that a scrape would add: who is pushing. */
export interface PushTarget {
  readonly job: string
  readonly instance: string | undefined
}

interface Names {
  readonly job: string | undefined
  readonly instance: string | undefined
}

/** `job` and `instance` from the resource (OpenTelemetry specification, Prometheus compatibility), unless they are given. */
export function pushTarget({ attributes }: Resource, given: Names): PushTarget {
  const text = (key: string) => {
    const value = attributes.get(key)
    return value === undefined || value === '' ? undefined : String(value)
  }
  const name = text('service.name') ?? 'unknown_service:node'
  const namespace = text('service.namespace')
  return {
    job: given.job ?? (namespace === undefined ? name : `${namespace}/${name}`),
    instance: given.instance ?? text('service.instance.id'),
  }
}

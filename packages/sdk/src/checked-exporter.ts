import { type Exporter, HashiraError } from '@hashira/core'

type Unknown = Readonly<Record<string, unknown>>

/** @throws HashiraError HASHIRA_EXPORTER_INVALID when `value` does not have the shape of an exporter; it says what is missing */
export function checkedExporter(origin: string, value: unknown): Exporter {
  const missing = missingFrom(value)
  if (missing === undefined) return value as Exporter
  throw new HashiraError('HASHIRA_EXPORTER_INVALID', `${origin} is not an exporter: it needs ${missing}`)
}

function missingFrom(value: unknown): string | undefined {
  if (!isObject(value)) return 'a name, and traces or metrics or logs'
  const { name, traces, metrics, logs } = value
  if (typeof name !== 'string' || (traces === undefined && metrics === undefined && logs === undefined))
    return 'a name, and traces or metrics or logs'
  return (
    (traces === undefined ? undefined : missingFromPush('traces', traces, 'createEncoder')) ??
    (metrics === undefined ? undefined : missingFromSome(metrics)) ??
    (logs === undefined ? undefined : missingFromPush('logs', logs, 'createEncoder'))
  )
}

function missingFromSome(metrics: unknown): string | undefined {
  for (const one of Array.isArray(metrics) ? metrics : [metrics]) {
    const missing = missingFromMetrics(one)
    if (missing !== undefined) return missing
  }
  return undefined
}

function missingFromMetrics(metrics: unknown): string | undefined {
  const kind = isObject(metrics) ? metrics['kind'] : undefined
  if (kind === 'push') return missingFromPush('metrics', metrics, 'encode')
  if (kind !== 'pull') return 'metrics.kind to be "push" or "pull"'
  return missingFunction('metrics', metrics, 'open') ?? missingFunction('metrics', metrics, 'close')
}

function missingFromPush(signal: string, push: unknown, encode: string): string | undefined {
  const transport = isObject(push) ? push['transport'] : undefined
  return missingFunction(signal, push, encode) ?? missingFunction(`${signal}.transport`, transport, 'send')
}

function missingFunction(owner: string, value: unknown, name: string): string | undefined {
  return isObject(value) && typeof value[name] === 'function' ? undefined : `${owner}.${name}()`
}

function isObject(value: unknown): value is Unknown {
  return typeof value === 'object' && value !== null
}

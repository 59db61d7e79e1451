import { type OptionSpec, type OptionTable, textOption } from '@hashira/core'

export interface PrometheusOptions {
  /** Address to listen on. Default `::`, all interfaces: pods are scraped from outside. */
  readonly host?: string | undefined
  /** Port, 0 for any free one, or `none` to not listen. Default 9464. */
  readonly port?: number | 'none' | undefined
  /** Path of the metrics. Default `/metrics`. */
  readonly path?: string | undefined
}

export const DEFAULT_HOST = '::'

/** For each option the variable that only Hashira reads first. */
export const PROMETHEUS_OPTIONS = {
  host: textOption(['HASHIRA_PROMETHEUS_HOST', 'OTEL_EXPORTER_PROMETHEUS_HOST'], DEFAULT_HOST),
  port: portOption(['HASHIRA_PROMETHEUS_PORT', 'OTEL_EXPORTER_PROMETHEUS_PORT'], 9464),
  path: pathOption(['HASHIRA_PROMETHEUS_PATH'], '/metrics'),
} satisfies OptionTable

function portOption(env: readonly string[], fallback: number): OptionSpec<number | 'none'> {
  const accept = (value: unknown) =>
    value === 'none' || (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 65_535)
      ? (value as number | 'none')
      : undefined
  const parse = (text: string) => accept(/^\d+$/.test(text) ? Number(text) : text.toLowerCase())
  return { env, default: fallback, allowed: 'a whole number from 0 to 65535, or none', accept, parse }
}

function pathOption(env: readonly string[], fallback: string): OptionSpec<string> {
  const accept = (value: unknown) =>
    typeof value === 'string' && /^\/[^?#\s]*$/.test(value) ? value : undefined
  return { env, default: fallback, allowed: 'a path that begins with /', accept, parse: accept }
}

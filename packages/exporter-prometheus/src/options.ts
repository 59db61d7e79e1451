import {
  booleanOption,
  choiceOption,
  codeOption,
  headersOption,
  integerOption,
  type OptionSpec,
  type OptionTable,
  type OptionValues,
  secretOption,
  textOption,
  urlOption,
} from '@hashira/core'
import { labelsOption } from './labels-option'
import type { Snappy } from './snappy'

export interface PrometheusOptions {
  /** Address to listen on. Default `::`, all interfaces: pods are scraped from outside. */
  readonly host?: string | undefined
  /** Port, 0 for any free one, or `none` to not listen. Default 9464. */
  readonly port?: number | 'none' | undefined
  /** Path of the metrics. Default `/metrics`. */
  readonly path?: string | undefined
  /** Base URL of a Pushgateway to push to as well. `HASHIRA_PROMETHEUS_PUSHGATEWAY_URL`. */
  readonly pushgatewayUrl?: string | undefined
  /** `PUT` (default) replaces all of the group, `POST` only the metrics that are pushed. `HASHIRA_PROMETHEUS_PUSHGATEWAY_METHOD`. */
  readonly pushgatewayMethod?: 'PUT' | 'POST' | undefined
  /** Labels of the group beside `job`: one for each of several instances. `HASHIRA_PROMETHEUS_GROUPING_KEY` (`k=v,k2=v2`). */
  readonly groupingKey?: Readonly<Record<string, string>> | undefined
  /** Deletes the group at shutdown. Default `false`. `HASHIRA_PROMETHEUS_DELETE_AT_SHUTDOWN`. */
  readonly deleteAtShutdown?: boolean | undefined
  /** A remote write receiver to push to as well, used as it is. `HASHIRA_PROMETHEUS_REMOTE_WRITE_URL`. */
  readonly remoteWriteUrl?: string | undefined
  /** `auto` (default) tries 2.0, and falls back to 1.0 where the receiver does not take it. `HASHIRA_PROMETHEUS_REMOTE_WRITE_PROTOCOL`. */
  readonly remoteWriteProtocol?: RemoteWriteProtocol | undefined
  /** Ends every series at shutdown, which then no query of the time after shows. Default `false`. `HASHIRA_PROMETHEUS_STALE_MARKERS`. */
  readonly staleMarkers?: boolean | undefined
  /** `require('snappyjs')`, for a bundled app, in which it can't be found by its name. */
  readonly snappy?: Snappy | undefined
  /** The label `job` of what is pushed. Default `service.namespace/service.name`. `HASHIRA_PROMETHEUS_JOB`. */
  readonly job?: string | undefined
  /** The label `instance` of what is written. Default `service.instance.id`. `HASHIRA_PROMETHEUS_INSTANCE`. */
  readonly instance?: string | undefined
  /** Between two pushes. Default 60,000. `HASHIRA_PROMETHEUS_PUSH_INTERVAL`, `OTEL_METRIC_EXPORT_INTERVAL`. */
  readonly pushIntervalMs?: number | undefined
  /** Of one request. Default 10,000. `HASHIRA_PROMETHEUS_PUSH_TIMEOUT`. */
  readonly pushTimeoutMs?: number | undefined
  /** Sent with every push: a tenant (`X-Scope-OrgID`, `THANOS-TENANT`). `HASHIRA_PROMETHEUS_PUSH_HEADERS` (`k=v,k2=v2`). */
  readonly pushHeaders?: Readonly<Record<string, string>> | undefined
  /** For basic authentication. `HASHIRA_PROMETHEUS_PUSH_USERNAME`. */
  readonly pushUsername?: string | undefined
  /** `HASHIRA_PROMETHEUS_PUSH_PASSWORD`. */
  readonly pushPassword?: string | undefined
  /** `Authorization: Bearer …`. `HASHIRA_PROMETHEUS_PUSH_BEARER_TOKEN`. */
  readonly pushBearerToken?: string | undefined
  /** Bytes of snapshots that may wait for a receiver. Default 64 MiB. */
  readonly maxQueueBytes?: number | undefined
}

export type RemoteWriteProtocol = '1.0' | '2.0' | 'auto'

export const DEFAULT_HOST = '::'

/** For each option the variable that only Hashira reads first. */
export const PROMETHEUS_OPTIONS = {
  host: textOption(['HASHIRA_PROMETHEUS_HOST', 'OTEL_EXPORTER_PROMETHEUS_HOST'], DEFAULT_HOST),
  port: portOption(['HASHIRA_PROMETHEUS_PORT', 'OTEL_EXPORTER_PROMETHEUS_PORT'], 9464),
  path: pathOption(['HASHIRA_PROMETHEUS_PATH'], '/metrics'),
  pushgatewayUrl: urlOption('HASHIRA_PROMETHEUS_PUSHGATEWAY_URL', undefined),
  pushgatewayMethod: methodOption('HASHIRA_PROMETHEUS_PUSHGATEWAY_METHOD'),
  groupingKey: labelsOption('HASHIRA_PROMETHEUS_GROUPING_KEY'),
  deleteAtShutdown: booleanOption('HASHIRA_PROMETHEUS_DELETE_AT_SHUTDOWN', false),
  remoteWriteUrl: urlOption('HASHIRA_PROMETHEUS_REMOTE_WRITE_URL', undefined),
  remoteWriteProtocol: choiceOption('HASHIRA_PROMETHEUS_REMOTE_WRITE_PROTOCOL', 'auto', [
    '1.0',
    '2.0',
    'auto',
  ]),
  staleMarkers: booleanOption('HASHIRA_PROMETHEUS_STALE_MARKERS', false),
  snappy: codeOption<Snappy, undefined>(undefined, 'the module snappyjs', (value) =>
    typeof (value as Snappy | null)?.compress === 'function' ? (value as Snappy) : undefined,
  ),
  job: textOption('HASHIRA_PROMETHEUS_JOB', undefined),
  instance: textOption('HASHIRA_PROMETHEUS_INSTANCE', undefined),
  pushIntervalMs: integerOption(
    ['HASHIRA_PROMETHEUS_PUSH_INTERVAL', 'OTEL_METRIC_EXPORT_INTERVAL'],
    undefined,
    1,
  ),
  pushTimeoutMs: integerOption('HASHIRA_PROMETHEUS_PUSH_TIMEOUT', 10_000, 1),
  pushHeaders: headersOption('HASHIRA_PROMETHEUS_PUSH_HEADERS'),
  pushUsername: textOption('HASHIRA_PROMETHEUS_PUSH_USERNAME', undefined),
  pushPassword: secretOption('HASHIRA_PROMETHEUS_PUSH_PASSWORD'),
  pushBearerToken: secretOption('HASHIRA_PROMETHEUS_PUSH_BEARER_TOKEN'),
  maxQueueBytes: integerOption('', undefined, 1),
} satisfies OptionTable

export type PrometheusSettings = OptionValues<typeof PROMETHEUS_OPTIONS>

function methodOption(env: string): OptionSpec<'PUT' | 'POST'> {
  const accept = (value: unknown) => (['PUT', 'POST'] as const).find((method) => method === value)
  const parse = (text: string) => accept(text.toUpperCase())
  return { env: [env], default: 'PUT', allowed: 'PUT or POST', accept, parse }
}

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

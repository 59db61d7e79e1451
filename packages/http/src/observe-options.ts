import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  booleanOption,
  codeOption,
  describe,
  functionOption,
  HashiraError,
  type OptionSpec,
  resolveOptions,
} from '@hashira/core'
import type { Span } from '@opentelemetry/api'
import type { Callback } from './callback'
import type { LabelSource } from './extra-labels'
import type { IgnoreEntry } from './ignore'
import { type Trust, trustOption } from './trust'

/** Options of `observe()`. `Request` and `Response` are the framework's own. */
export interface ObserveOptions<Request = IncomingMessage, Response = ServerResponse> {
  /** Requests that leave no span and no metric, and whose children leave none: exact paths, RegExps on the path, functions. Default none. */
  readonly ignore?: readonly IgnoreEntry<Request>[] | undefined
  /** Labels of one's own on the request duration, each with a bound on its different values (default 100). Read when the request ends. */
  readonly labels?: Readonly<Record<string, LabelSource<Request>>> | undefined
  /** Bucket bounds of the request duration in seconds, ascending. Default OpenTelemetry's advice. */
  readonly buckets?: readonly number[] | undefined
  /** A prom-client (or structurally compatible) registry that serves the metrics as well. Default the global one. */
  readonly registry?: object | undefined
  /** Request headers to record as `http.request.header.NAME`. Default none. */
  readonly captureRequestHeaders?: readonly string[] | undefined
  /** Response headers to record as `http.response.header.NAME`. Default none. */
  readonly captureResponseHeaders?: readonly string[] | undefined
  /** More query parameters whose values are never recorded, case-insensitive. */
  readonly redactQuery?: readonly string[] | undefined
  /** Record `client.address`, as the framework's `req.ip` has it. Default `false`. */
  readonly clientAddress?: boolean | undefined
  /** One log line per request. Default `false`. */
  readonly accessLog?: boolean | undefined
  /** Whether a response is an error. Default: status 500 and above. */
  readonly isError?: Callback<[status: number, request: Request], boolean> | undefined
  /** Whose trace context is believed; see {@link Trust}. Default: as `start()` has it, `always`. */
  readonly trust?: Trust | undefined
  /** When a request begins. What it throws is counted and goes no further. */
  readonly onRequest?: Callback<[span: Span, request: Request], void> | undefined
  /** When a request ends, before its span does. What it throws is counted and goes no further. */
  readonly onResponse?: Callback<[span: Span, request: Request, response: Response], void> | undefined
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]+$/
const LABEL_NAME = /^[a-zA-Z_][\w.]*$/
/** Labels of the metric itself, in OpenTelemetry's and in Prometheus' writing. */
const TAKEN_LABELS: ReadonlySet<string> = new Set([
  'http.request.method',
  'http.route',
  'http.response.status_code',
  'url.scheme',
  'error.type',
  'network.protocol.version',
  'le',
])

// biome-ignore lint/suspicious/noExplicitAny: the table serves the requests of every framework
type Any = any

const table = {
  ignore: listOf<IgnoreEntry<Any>>(
    'a list of exact paths, RegExps and functions',
    (entry) =>
      (typeof entry === 'string' && entry.startsWith('/')) ||
      typeof entry === 'function' ||
      entry instanceof RegExp,
  ),
  labels: codeOption<Readonly<Record<string, LabelSource<Any>>>, Readonly<Record<string, LabelSource<Any>>>>(
    {},
    'an object of functions (request) => value, or of { value: function, max: 1 or more }, under label names that are not taken',
    acceptLabels,
  ),
  buckets: codeOption<readonly number[], undefined>(
    undefined,
    'a list of ascending finite numbers',
    acceptBuckets,
  ),
  registry: codeOption<object, undefined>(undefined, 'a prom-client registry', (value) =>
    typeof value === 'object' && value !== null ? value : undefined,
  ),
  captureRequestHeaders: listOf<string>('a list of header names', isHeaderName),
  captureResponseHeaders: listOf<string>('a list of header names', isHeaderName),
  redactQuery: listOf<string>(
    'a list of query parameter names',
    (entry) => typeof entry === 'string' && entry !== '',
  ),
  clientAddress: booleanOption('', false),
  accessLog: booleanOption('', false),
  trust: trustOption(''),
  isError: functionOption<(status: number, request: Any) => boolean>(),
  onRequest: functionOption<(span: Span, request: Any) => void>(),
  onResponse: functionOption<(span: Span, request: Any, response: Any) => void>(),
}

export type ResolvedObserveOptions = ReturnType<typeof resolveObserveOptions>

/**
 * @throws HashiraError HASHIRA_OPTION_INVALID, HASHIRA_OPTION_UNKNOWN
 */
export function resolveObserveOptions(owner: string, given: object | undefined) {
  return resolveOptions(owner, table, given, {}).values
}

function listOf<T>(allowed: string, isAllowed: (entry: unknown) => boolean): OptionSpec<readonly T[]> {
  return codeOption<readonly T[], readonly T[]>([], allowed, (value) =>
    Array.isArray(value) && value.every(isAllowed) ? (value as T[]) : undefined,
  )
}

function isHeaderName(entry: unknown): boolean {
  return typeof entry === 'string' && HEADER_NAME.test(entry)
}

function acceptBuckets(value: unknown): readonly number[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined
  const ascending = value.every((bound, i) => Number.isFinite(bound) && (i === 0 || bound > value[i - 1]))
  return ascending ? value : undefined
}

function acceptLabels(value: unknown): Readonly<Record<string, LabelSource<Any>>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const valid = Object.entries(value).every(([name, source]) => isFreeLabel(name) && isLabelSource(source))
  return valid ? (value as Record<string, LabelSource<Any>>) : undefined
}

function isFreeLabel(name: string): boolean {
  return (
    LABEL_NAME.test(name) &&
    ![...TAKEN_LABELS].some((taken) => taken === name || taken.replaceAll('.', '_') === name)
  )
}

function isLabelSource(source: unknown): boolean {
  if (typeof source === 'function') return true
  if (typeof source !== 'object' || source === null) return false
  const { value, max } = source as { value?: unknown; max?: unknown }
  return typeof value === 'function' && (max === undefined || (Number.isInteger(max) && (max as number) > 0))
}

/**
 * Names of labels that a route brings along (`config: { observe: { labels } }`).
 *
 * @throws HashiraError HASHIRA_OPTION_INVALID
 */
export function checkLabelName(owner: string, name: string): void {
  if (isFreeLabel(name)) return
  throw new HashiraError(
    'HASHIRA_OPTION_INVALID',
    `${owner}: label ${describe(name)} is not allowed, allowed are letters, digits, "_" and "." and no label of the metric itself`,
  )
}

import type { RequestOptions } from 'node:http'
import { urlToHttpOptions } from 'node:url'
import { originOf } from './origin'
import type { CallTarget } from './outgoing-calls'
import { isReplaced, type TraceHeaders } from './trace-headers'

/** Arguments of `http.request` and its like: `(url, options?, callback?)` or `(options, callback?)`. */
export type RequestArguments = readonly unknown[]

/** What a call will ask for, read as Node reads it; `undefined` when it can't be told, or Node will refuse it. */
export function targetOf(args: RequestArguments, scheme: 'http' | 'https'): CallTarget | undefined {
  const options = mergedOptions(args)
  if (options === undefined) return undefined
  const { agent, method, path, auth } = options
  const agentFacts = (typeof agent === 'object' ? agent : undefined) as AgentFacts | undefined
  const protocol = options.protocol ?? agentFacts?.protocol ?? `${scheme}:`
  const port =
    options.port || options.defaultPort || agentFacts?.defaultPort || (scheme === 'https' ? 443 : 80)
  const host = String(options.hostname || options.host || 'localhost')
  const origin = originOf(
    `${protocol}//${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`,
  )
  const verb = method === undefined || method === null ? 'GET' : String(method).toUpperCase()
  // A tunnel carries calls, it is none.
  if (origin === undefined || verb === 'CONNECT') return undefined
  return { method: verb, origin, path: path ? String(path) : '/', hasCredentials: Boolean(auth) }
}

interface AgentFacts {
  readonly protocol?: string | undefined
  readonly defaultPort?: number | undefined
}

function mergedOptions([first, second]: RequestArguments): RequestOptions | undefined {
  const url = urlOf(first)
  const given = url === undefined ? first : second
  const options = typeof given === 'object' && given !== null ? (given as RequestOptions) : undefined
  if (url === undefined) return options
  return { ...urlToHttpOptions(url), ...options }
}

function urlOf(first: unknown): URL | undefined {
  if (typeof first === 'string') return new URL(first)
  return isUrl(first) ? first : undefined
}

/** As Node tells a URL, of whatever realm, from options. */
function isUrl(value: unknown): value is URL {
  if (typeof value !== 'object' || value === null) return false
  const { href, protocol, auth, path } = value as Record<string, unknown>
  return Boolean(href && protocol) && auth === undefined && path === undefined
}

/**
 * The same arguments with `headers` in their options. Before the request exists, since it sends at once what it is given as
 * an array or together with `Expect`. The app's own objects stay as they are.
 */
export function withHeaders(args: RequestArguments, headers: TraceHeaders): unknown[] {
  const [first, second] = args
  const hasUrl = typeof first === 'string' || isUrl(first)
  const given = hasUrl ? second : first
  const hasOptions = typeof given === 'object' && given !== null
  const options = { ...(hasOptions ? given : undefined) } as RequestOptions
  options.headers = mergedHeaders(options.headers, headers)
  const rest = args.slice(hasUrl ? 1 : 0).slice(hasOptions || given === undefined || given === null ? 1 : 0)
  return hasUrl ? [first, options, ...rest] : [options, ...rest]
}

function mergedHeaders(given: unknown, headers: TraceHeaders): NonNullable<RequestOptions['headers']> {
  if (Array.isArray(given)) return mergedList(given, headers)
  const merged: Record<string, string> = {}
  if (typeof given === 'object' && given !== null) {
    for (const [name, value] of Object.entries(given)) if (!isReplaced(headers, name)) merged[name] = value
  }
  for (let i = 0; i < headers.length; i += 2) merged[headers[i]!] = headers[i + 1]!
  return merged
}

/** Node takes `[name, value, …]` and `[[name, value], …]`. */
function mergedList(given: readonly unknown[], headers: TraceHeaders): string[] {
  const isNested = Array.isArray(given[0])
  const pairs: unknown[] = isNested ? given.flat(1) : [...given]
  const merged: unknown[] = []
  for (let i = 0; i < pairs.length; i += 2) {
    if (!isReplaced(headers, String(pairs[i]))) merged.push(pairs[i], pairs[i + 1])
  }
  return [...(merged as string[]), ...headers]
}

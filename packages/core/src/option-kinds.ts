import type { OptionSpec } from './options'

type Env = string | readonly string[]
const list = (env: Env): readonly string[] => (typeof env === 'string' ? (env === '' ? [] : [env]) : env)

/** A text that is not empty. */
export function textOption<D extends string | undefined>(env: Env, fallback: D): OptionSpec<string | D> {
  const accept = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)
  return { env: list(env), default: fallback, allowed: 'a text that is not empty', accept, parse: accept }
}

/** A secret: like {@link textOption}, and never shown. */
export function secretOption(env: Env): OptionSpec<string | undefined> {
  return { ...textOption(env, undefined), secret: true }
}

export function integerOption<D extends number | undefined>(
  env: Env,
  fallback: D,
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): OptionSpec<number | D> {
  const accept = (value: unknown) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : undefined
  const parse = (text: string) => (/^[+-]?\d+$/.test(text) ? accept(Number(text)) : undefined)
  const upTo = max === Number.MAX_SAFE_INTEGER ? ` or more` : ` to ${max}`
  return { env: list(env), default: fallback, allowed: `a whole number from ${min}${upTo}`, accept, parse }
}

export function numberOption<D extends number | undefined>(
  env: Env,
  fallback: D,
  min: number,
  max: number,
): OptionSpec<number | D> {
  const accept = (value: unknown) =>
    typeof value === 'number' && value >= min && value <= max ? value : undefined
  return {
    env: list(env),
    default: fallback,
    allowed: `a number from ${min} to ${max}`,
    accept,
    parse: (text) => accept(Number(text)),
  }
}

/** Only `true` and `false`, in any case (OpenTelemetry specification, boolean variables). */
export function booleanOption(env: Env, fallback: boolean): OptionSpec<boolean> {
  const parse = (text: string) => [true, false].find((value) => String(value) === text.toLowerCase())
  const accept = (value: unknown) => (typeof value === 'boolean' ? value : undefined)
  return { env: list(env), default: fallback, allowed: 'true or false', accept, parse }
}

/** One of `names`, case-insensitive from the environment. */
export function choiceOption<const N extends string, D extends N | undefined>(
  env: Env,
  fallback: D,
  names: readonly N[],
): OptionSpec<N | D> {
  const accept = (value: unknown) => names.find((name) => name === value)
  const parse = (text: string) => names.find((name) => name === text.toLowerCase())
  return { env: list(env), default: fallback, allowed: `one of ${names.join(', ')}`, accept, parse }
}

/** Texts; from the environment separated by commas. */
export function listOption<D extends readonly string[] | undefined>(
  env: Env,
  fallback: D,
): OptionSpec<readonly string[] | D> {
  const accept = (value: unknown) =>
    Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '')
      ? (value as string[])
      : undefined
  const parse = (text: string) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '')
  return { env: list(env), default: fallback, allowed: 'a list of texts', accept, parse }
}

/** An absolute `http:` or `https:` URL. */
export function urlOption<D extends string | undefined>(env: Env, fallback: D): OptionSpec<string | D> {
  const accept = (value: unknown) => (typeof value === 'string' && isHttpUrl(value) ? value : undefined)
  return {
    env: list(env),
    default: fallback,
    allowed: 'an absolute http or https URL',
    accept,
    parse: accept,
  }
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}

/** HTTP headers; from the environment `k=v,k2=v2`, percent-decoded (OTLP exporter specification). Values are secret. */
export function headersOption(env: Env): OptionSpec<Readonly<Record<string, string>>> {
  return {
    env: list(env),
    default: {},
    allowed: 'HTTP headers: names and text values',
    secret: true,
    accept: acceptHeaders,
    parse: parseHeaders,
  }
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]+$/
const HEADER_VALUE_FORBIDDEN = /[^\t\x20-\x7e\x80-\xff]/

function acceptHeaders(value: unknown): Record<string, string> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const valid = ([name, text]: [string, unknown]) =>
    HEADER_NAME.test(name) && typeof text === 'string' && !HEADER_VALUE_FORBIDDEN.test(text)
  return Object.entries(value).every(valid) ? (value as Record<string, string>) : undefined
}

function parseHeaders(text: string): Record<string, string> | undefined {
  const headers: Record<string, string> = {}
  for (const pair of text.split(',')) {
    if (pair.trim() === '') continue
    const at = pair.indexOf('=')
    if (at <= 0) return undefined
    try {
      headers[pair.slice(0, at).trim()] = decodeURIComponent(pair.slice(at + 1).trim())
    } catch {
      return undefined
    }
  }
  return acceptHeaders(headers)
}

/** A value that only code can give, checked by `accept`. */
export function codeOption<T, D extends T | undefined>(
  fallback: D,
  allowed: string,
  accept: (value: unknown) => T | undefined,
): OptionSpec<T | D> {
  return { env: [], default: fallback, allowed, accept, parse: () => undefined }
}

export function functionOption<F extends (...args: never[]) => unknown>(): OptionSpec<F | undefined> {
  return codeOption<F, undefined>(undefined, 'a function', (value) =>
    typeof value === 'function' ? (value as F) : undefined,
  )
}

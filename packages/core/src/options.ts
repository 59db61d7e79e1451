import { warnOnce } from './diagnostics'
import { HashiraError } from './errors'

/** One option: where it comes from, what it may be, what it is otherwise. Made by the functions in `option-kinds.ts`. */
export interface OptionSpec<T> {
  /** Environment variables, the first that is set and not empty wins. */
  readonly env: readonly string[]
  readonly default: T
  /** For messages: `a whole number from 1 to 65535`. */
  readonly allowed: string
  /** From code. `undefined` = not allowed. */
  accept(value: unknown): T | undefined
  /** From the environment. `undefined` = not allowed. */
  parse(text: string): T | undefined
  /** The value is never shown. */
  readonly secret?: boolean | undefined
}

// biome-ignore lint/suspicious/noExplicitAny: a table holds options of any type; each keeps its own
export type OptionTable = Readonly<Record<string, OptionSpec<any>>>
export type OptionValues<Table extends OptionTable> = { readonly [K in keyof Table]: Table[K]['default'] }
export type OptionOrigin =
  | { readonly from: 'code' | 'default' }
  | { readonly from: 'env'; readonly variable: string }
export type Environment = Readonly<Record<string, string | undefined>>

export interface ResolvedOptions<Table extends OptionTable> {
  readonly values: OptionValues<Table>
  /** Where each value came from, for `doctor` and `status()`. */
  readonly origins: { readonly [K in keyof Table]: OptionOrigin }
}

/**
 * Values for every option of `table`: code first, then the environment, then the default.
 *
 * A bad value from code throws `HASHIRA_OPTION_INVALID` (an option that `table` does not know: `HASHIRA_OPTION_UNKNOWN`);
 * a bad value from the environment is one warning with the same code, and the default: a variable must never stop an app
 * (OpenTelemetry specification, environment variables). Empty variables count as unset.
 *
 * @param owner for messages: `start()`, `jaeger()`
 */
export function resolveOptions<Table extends OptionTable>(
  owner: string,
  table: Table,
  given: object | undefined,
  env: Environment,
): ResolvedOptions<Table> {
  rejectUnknown(owner, table, given)
  const values: Record<string, unknown> = {}
  const origins: Record<string, OptionOrigin> = {}
  for (const [name, spec] of Object.entries(table)) {
    const [value, origin] = resolve(
      owner,
      name,
      spec,
      (given as Record<string, unknown> | undefined)?.[name],
      env,
    )
    values[name] = value
    origins[name] = origin
  }
  return { values, origins } as unknown as ResolvedOptions<Table>
}

function resolve(
  owner: string,
  name: string,
  spec: OptionSpec<unknown>,
  given: unknown,
  env: Environment,
): [unknown, OptionOrigin] {
  if (given !== undefined) {
    const accepted = spec.accept(given)
    if (accepted === undefined) throw invalidOption(owner, name, spec, given)
    return [accepted, { from: 'code' }]
  }
  for (const variable of spec.env) {
    const text = env[variable]?.trim()
    if (text === undefined || text === '') continue
    const parsed = spec.parse(text)
    if (parsed !== undefined) return [parsed, { from: 'env', variable }]
    const shown = spec.secret === true ? 'its value' : `"${shorten(withoutCredentials(text))}"`
    warnOnce('HASHIRA_OPTION_INVALID', `${variable}: ${shown} is not ${spec.allowed}; using the default`)
    break
  }
  return [spec.default, { from: 'default' }]
}

function invalidOption(owner: string, name: string, spec: OptionSpec<unknown>, given: unknown): HashiraError {
  const shown = spec.secret === true ? 'the given value' : describe(given)
  return new HashiraError(
    'HASHIRA_OPTION_INVALID',
    `${owner}: option "${name}" is ${shown}, allowed is ${spec.allowed}`,
  )
}

function rejectUnknown(owner: string, table: OptionTable, given: object | undefined): void {
  if (given === undefined) return
  if (typeof given !== 'object' || given === null) {
    throw new HashiraError(
      'HASHIRA_OPTION_INVALID',
      `${owner}: options are ${describe(given)}, allowed is an object`,
    )
  }
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || Object.hasOwn(table, name)) continue
    const known = Object.keys(table).sort().join(', ')
    throw new HashiraError(
      'HASHIRA_OPTION_UNKNOWN',
      `${owner}: option "${name}" is not known, allowed are ${known}`,
    )
  }
}

/** A value as it may stand in a message: short, and never throwing. */
export function describe(value: unknown): string {
  try {
    if (typeof value === 'string') return `"${shorten(withoutCredentials(value))}"`
    if (typeof value === 'function') return `the function ${value.name || '(anonymous)'}`
    if (typeof value === 'object' && value !== null)
      return shorten(withoutCredentials(JSON.stringify(value) ?? typeof value))
    return String(value)
  } catch {
    return `a value of type ${typeof value}`
  }
}

/** A mistyped URL may hold a password before `@` and a key behind `?`. */
function withoutCredentials(text: string): string {
  return text
    .slice(0, 1_000)
    .replace(/[^\s/@",]+@/g, 'REDACTED@')
    .replace(/\?[^\s"]*=[^\s"]*/g, '?REDACTED')
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

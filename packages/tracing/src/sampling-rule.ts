import { describe, HashiraError } from '@hashira/core'
import { type Attributes, SpanKind } from '@opentelemetry/api'
import { routePattern, type TextPattern, wildcard } from './text-pattern'

/** Which new traces a rule is about, and how many of them are sampled. What is left out matches everything. */
export interface SamplingRule {
  /**
   * The path of the request: `/health`, `/users/:id` (a segment), `/admin/*` (anything). Sampling happens before a framework
   * has matched a route, so the text is compared with `url.path`, not with the app's own patterns.
   */
  readonly route?: string | undefined
  /** `GET`, any case. */
  readonly method?: string | undefined
  /** `server.address`; `*` stands for any text. */
  readonly host?: string | undefined
  /** Of the span as it is when it starts; `*` stands for any text. */
  readonly name?: string | undefined
  /** `server`, `client`, `producer`, `consumer` or `internal`. */
  readonly kind?: 'server' | 'client' | 'producer' | 'consumer' | 'internal' | undefined
  /** Every one must be equal; in texts `*` stands for any text. Only attributes that the span has when it starts. */
  readonly attributes?: Readonly<Record<string, string | number | boolean>> | undefined
  /** The share that is sampled, 0 to 1. Default 1. */
  readonly ratio?: number | undefined
  /** At most so many traces a second. Default: no limit. */
  readonly tracesPerSecond?: number | undefined
}

/** Whether a span that is about to start fits. */
export type RuleMatch = (name: string, kind: SpanKind, attributes: Attributes) => boolean

const KEYS = ['route', 'method', 'host', 'name', 'kind', 'attributes', 'ratio', 'tracesPerSecond']
const ALLOWED =
  'a list of rules, each with some of route, method, host, name, kind, attributes, ratio (0 to 1), tracesPerSecond (0 or more)'

/** @throws HashiraError HASHIRA_OPTION_INVALID */
export function checkRules(rules: unknown): readonly SamplingRule[] {
  if (Array.isArray(rules) && rules.every(isRule)) return rules as SamplingRule[]
  const bad = Array.isArray(rules) ? rules.find((rule) => !isRule(rule)) : rules
  throw new HashiraError(
    'HASHIRA_OPTION_INVALID',
    `option "rules" has ${describe(bad)}, allowed is ${ALLOWED}`,
  )
}

function isRule(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const { route, method, host, name, kind, attributes, ratio, tracesPerSecond } = value as Record<
    string,
    unknown
  >
  const isText = (text: unknown) => text === undefined || (typeof text === 'string' && text !== '')
  const isNumber = (number: unknown, max: number) =>
    number === undefined || (typeof number === 'number' && number >= 0 && number <= max)
  return (
    Object.keys(value).every((key) => KEYS.includes(key)) &&
    [route, method, host, name].every(isText) &&
    (kind === undefined || kindNumber(kind) !== undefined) &&
    (attributes === undefined || areAttributes(attributes)) &&
    isNumber(ratio, 1) &&
    isNumber(tracesPerSecond, Number.MAX_SAFE_INTEGER)
  )
}

/** One function of what the rule names. */
export function ruleMatch(rule: SamplingRule): RuleMatch {
  const tests: RuleMatch[] = []
  const { route, method, host, name, kind, attributes = {} } = rule
  const attribute = (key: string, matches: (value: unknown) => boolean) =>
    tests.push((_name, _kind, given) => matches(Object.hasOwn(given, key) ? given[key] : undefined))
  if (kind !== undefined) {
    const wanted = kindNumber(kind)
    tests.push((_name, given) => given === wanted)
  }
  if (name !== undefined) {
    const pattern = wildcard(name)
    tests.push((given) => pattern(given))
  }
  if (route !== undefined) attribute('url.path', matcher(routePattern(route)))
  if (host !== undefined) attribute('server.address', matcher(wildcard(host, true)))
  if (method !== undefined) attribute('http.request.method', matcher(wildcard(method, true)))
  for (const [key, value] of Object.entries(attributes)) {
    attribute(key, typeof value === 'string' ? matcher(wildcard(value)) : (given) => given === value)
  }
  return (given, givenKind, givenAttributes) => tests.every((test) => test(given, givenKind, givenAttributes))
}

function matcher(pattern: TextPattern): (value: unknown) => boolean {
  return (value) => value !== undefined && pattern(String(value))
}

function kindNumber(kind: unknown): SpanKind | undefined {
  const number = typeof kind === 'string' ? SpanKind[kind.toUpperCase() as keyof typeof SpanKind] : undefined
  // The enum also says the names of its numbers.
  return typeof number === 'number' ? number : undefined
}

function areAttributes(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every((one) => ['string', 'number', 'boolean'].includes(typeof one))
}

import type { OptionSpec } from '@hashira/core'
import { isOwnMember } from './metric/metric-name'

/**
 * Each set makes one CloudWatch metric for each combination of its labels' values. `[]` is the service-level one; the service
 * and its environment are in every set. No set at all: the metric is not sent.
 */
export type DimensionSets = readonly (readonly string[])[]

/** By the name of a metric, or the beginning of names with `*` behind it; the first that fits decides. */
export type Dimensions = Readonly<Record<string, DimensionSets>>

const SERVICE: DimensionSets = [[]]
const NOTHING: DimensionSets = []

/**
 * A bill of a custom metric is by series, so labels become dimensions only where they are known to be few: the route and the
 * method of server requests. Of the runtime what alarms are made of, of Hashira itself what it lost.
 */
export const DEFAULT_DIMENSIONS: Dimensions = {
  'http.server.request.*': [[], ['http.route', 'http.request.method']],
  'hashira.exporter.dropped': SERVICE,
  'hashira.*': NOTHING,
  'otel.sdk.*': NOTHING,
  'nodejs.eventloop.utilization': SERVICE,
  'nodejs.eventloop.delay.p99': SERVICE,
  'nodejs.*': NOTHING,
  'process.cpu.utilization': [['cpu.mode']],
  'process.memory.usage': SERVICE,
  'process.*': NOTHING,
  'v8js.*': NOTHING,
  '*': SERVICE,
}

/** CloudWatch takes 30 dimensions; two are the service and its environment. */
const MAX_LABELS = 28
const MAX_SETS = 10
const LABEL = /^(?!:)[\x21-\x7e]{1,250}$/

/** Finds the sets of a metric; remembers what it found. */
export class DimensionRules {
  readonly #rules: readonly (readonly [pattern: string, sets: DimensionSets])[]
  readonly #found = new Map<string, DimensionSets>()

  constructor(dimensions: Dimensions) {
    this.#rules = [...Object.entries(dimensions), ...Object.entries(DEFAULT_DIMENSIONS)]
  }

  of(name: string): DimensionSets {
    let sets = this.#found.get(name)
    if (sets === undefined) {
      sets = this.#rules.find(([pattern]) => fits(pattern, name))?.[1] ?? SERVICE
      if (this.#found.size < 10_000) this.#found.set(name, sets)
    }
    return sets
  }
}

function fits(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}

/**
 * From the environment `NAME=SET|SET,NAME=SET`, a set being labels joined by `+`, an empty one the service's, and `-` none:
 * `jobs_done=|queue,http.client.request.duration=|server.address,v8js.*=-`.
 */
export function dimensionsOption(): OptionSpec<Dimensions> {
  return {
    env: ['HASHIRA_CLOUDWATCH_DIMENSIONS'],
    default: {},
    allowed: `metric names (the end may be *) with up to ${MAX_SETS} lists of up to ${MAX_LABELS} labels, in code { jobs_done: [[], ['queue']] }, in the environment jobs_done=|queue`,
    accept,
    parse: (text) => accept(parse(text)),
  }
}

function accept(value: unknown): Dimensions | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.entries(value).every(([name, sets]) => name !== '' && areSets(sets))
    ? (value as Dimensions)
    : undefined
}

function areSets(sets: unknown): boolean {
  return Array.isArray(sets) && sets.length <= MAX_SETS && sets.every(isSet)
}

function isSet(set: unknown): boolean {
  if (!Array.isArray(set) || set.length > MAX_LABELS || new Set(set).size !== set.length) return false
  return set.every((label) => typeof label === 'string' && LABEL.test(label) && !isOwnMember(label))
}

function parse(text: string): unknown {
  const entries = text.split(',').filter((entry) => entry.trim() !== '')
  const pairs = entries.map((entry) => {
    const at = entry.lastIndexOf('=')
    const sets = entry.slice(at + 1).trim()
    return at < 1
      ? undefined
      : ([entry.slice(0, at).trim(), sets === '-' ? [] : sets.split('|').map(setOf)] as const)
  })
  return pairs.includes(undefined) ? undefined : Object.fromEntries(pairs as [string, string[][]][])
}

function setOf(text: string): string[] {
  return text.trim() === '' ? [] : text.split('+').map((label) => label.trim())
}

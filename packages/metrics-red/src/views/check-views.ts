import { describe, HashiraError } from '@hashira/core'
import { isInstrumentName } from '../meter/instrument-name'
import type { MetricView } from './metric-view'

const TYPES = [
  ...['COUNTER', 'UP_DOWN_COUNTER', 'HISTOGRAM', 'GAUGE'],
  ...['OBSERVABLE_COUNTER', 'OBSERVABLE_UP_DOWN_COUNTER', 'OBSERVABLE_GAUGE'],
]
const AGGREGATIONS = ['default', 'drop', 'explicit_bucket_histogram', 'base2_exponential_bucket_histogram']

interface Rule {
  readonly allowed: string
  readonly accepts: (value: unknown) => boolean
}

const text: Rule = { allowed: 'a text', accepts: (value) => typeof value === 'string' && value !== '' }
const oneOf = (names: readonly string[]): Rule => ({
  allowed: `one of ${names.join(', ')}`,
  accepts: (value) => names.includes(value as string),
})
const whole = (least: number, most: number): Rule => ({
  allowed: `a whole number from ${least} to ${most}`,
  accepts: (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
})

const CRITERIA: Readonly<Record<string, Rule>> = {
  instrumentName: text,
  instrumentType: oneOf(TYPES),
  instrumentUnit: { allowed: 'a text', accepts: (value) => typeof value === 'string' },
  meterName: { allowed: 'a text', accepts: (value) => typeof value === 'string' },
  meterVersion: text,
  meterSchemaUrl: text,
}

const RULES: Readonly<Record<string, Rule>> = {
  ...CRITERIA,
  name: { allowed: 'a name that an instrument may have', accepts: isInstrumentName },
  description: { allowed: 'a text', accepts: (value) => typeof value === 'string' },
  attributeKeys: {
    allowed: 'a list of attribute keys',
    accepts: (value) => Array.isArray(value) && value.every((key) => typeof key === 'string'),
  },
  aggregation: oneOf(AGGREGATIONS),
  buckets: { allowed: 'ascending finite numbers', accepts: isAscending },
  maxSize: whole(2, 1_000),
  maxScale: whole(-10, 20),
  maxSeries: whole(1, 1_000_000),
}

/** @throws HashiraError HASHIRA_OPTION_INVALID, HASHIRA_OPTION_UNKNOWN, naming the view, the option and what is allowed */
export function checkViews(owner: string, views: unknown): readonly MetricView[] {
  if (!Array.isArray(views)) throw invalid(`${owner}: views are ${describe(views)}, allowed is a list`)
  for (const [i, view] of views.entries()) checkView(`${owner}: views[${i}]`, view)
  return views as readonly MetricView[]
}

function checkView(owner: string, view: unknown): void {
  if (typeof view !== 'object' || view === null)
    throw invalid(`${owner} is ${describe(view)}, allowed is an object`)
  for (const [option, value] of Object.entries(view)) {
    const rule = RULES[option]
    if (rule === undefined) {
      const known = Object.keys(RULES).join(', ')
      throw new HashiraError(
        'HASHIRA_OPTION_UNKNOWN',
        `${owner}: "${option}" is not known; there are ${known}`,
      )
    }
    if (value !== undefined && !rule.accepts(value))
      throw invalid(`${owner}: ${option} is ${describe(value)}, allowed is ${rule.allowed}`)
  }
  checkTogether(owner, view)
}

function checkTogether(owner: string, view: MetricView): void {
  if (Object.keys(CRITERIA).every((criterion) => view[criterion as keyof MetricView] === undefined))
    throw invalid(
      `${owner} says of no instrument that it is meant; at least one of ${Object.keys(CRITERIA).join(', ')} must`,
    )
  const { instrumentName, name, aggregation, buckets } = view
  if (name !== undefined && (instrumentName === undefined || /[*?]/.test(instrumentName)))
    throw invalid(`${owner}: name is "${name}", allowed only with an instrumentName without wildcards`)
  if (buckets !== undefined && aggregation === 'base2_exponential_bucket_histogram')
    throw invalid(`${owner}: buckets are given, which an exponential histogram does not have`)
}

/** Finite upper bounds, each greater than the one before. */
export function isAscending(bounds: unknown): bounds is readonly number[] {
  return (
    Array.isArray(bounds) &&
    bounds.every((bound, i) => Number.isFinite(bound) && (i === 0 || bound > (bounds[i - 1] as number)))
  )
}

function invalid(text: string): HashiraError {
  return new HashiraError('HASHIRA_OPTION_INVALID', text)
}

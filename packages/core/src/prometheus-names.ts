import type { MetricFamily } from './metric-snapshot'

/** UCUM to the word that Prometheus names carry (OpenTelemetry specification, Prometheus and OpenMetrics compatibility). */
const UNIT_WORDS: Readonly<Record<string, string>> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  TiBy: 'tebibytes',
  kBy: 'kilobytes',
  KBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  TBy: 'terabytes',
  m: 'meters',
  V: 'volts',
  A: 'amperes',
  J: 'joules',
  W: 'watts',
  g: 'grams',
  Cel: 'celsius',
  Hz: 'hertz',
  '%': 'percent',
}

const PER_WORDS: Readonly<Record<string, string>> = {
  s: 'second',
  m: 'minute',
  min: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  y: 'year',
}

type Described = Pick<MetricFamily, 'name' | 'naming' | 'unit' | 'type'>

/**
 * The name that the samples of `family` have in Prometheus: `http.server.request.duration` in `s` becomes
 * `http_server_request_duration_seconds`, a counter ends in `_total`. A name that follows Prometheus already stays as it is,
 * but for characters that no name may have.
 */
export function prometheusName(family: Described): string {
  if (family.naming === 'prometheus') return withoutLeadingDigit(family.name.replace(/[^a-zA-Z0-9_:]/g, '_'))
  const isCounter = family.type === 'counter'
  let name = words(family.name)
  if (isCounter) name = name.replace(/_total$/, '')
  const unit = prometheusUnit(family)
  if (unit !== '' && name !== unit && !name.endsWith(`_${unit}`)) name = `${name}_${unit}`
  return withoutLeadingDigit(isCounter ? `${name}_total` : name)
}

/** The unit as a word in the plural, `seconds`; empty when there is none to name. A gauge in `1` is a `ratio`. */
export function prometheusUnit({ unit, type, naming }: Described): string {
  if (naming === 'prometheus') return words(unit)
  const bare = unit.replace(/\{[^}]*\}/g, '').trim()
  if (bare === '1') return type === 'gauge' ? 'ratio' : ''
  const [of = '', per] = bare.split('/')
  const plural = UNIT_WORDS[of] ?? words(of)
  if (per === undefined || per === '') return plural
  const ratio = `per_${PER_WORDS[per] ?? words(per)}`
  return plural === '' ? ratio : `${plural}_${ratio}`
}

/** The label that an attribute key becomes: `http.route` is `http_route`. */
export function prometheusLabel(key: string): string {
  const label = key.replace(/[^a-zA-Z0-9_]/g, '_').replace(/_{2,}/g, '_')
  return /^(\d|$)/.test(label) ? `key_${label}` : label
}

function words(text: string): string {
  return text.replace(/[^a-zA-Z0-9:]+/g, '_').replace(/^_+|_+$/g, '')
}

function withoutLeadingDigit(name: string): string {
  return /^(\d|$)/.test(name) ? `_${name}` : name
}

import { type FlatAttributes, type MetricNaming, prometheusLabel } from '@hashira/core'

const VALID = /^[a-zA-Z_][a-zA-Z0-9_]*$/
const MAX_KNOWN_NAMES = 10_000
const knownNames = new Map<string, string>()

/**
 * The labels of a series as they stand between the braces: `http_route="/users/:id",url_scheme="http"`. An empty value is
 * left out: to Prometheus it is the same as an absent label.
 *
 * @param reserved a label that the format itself writes (`le`, `quantile`); an attribute of that name becomes `exported_…`
 */
export function formatLabels(attributes: FlatAttributes, naming: MetricNaming, reserved = ''): string {
  const names: string[] = []
  let text = ''
  for (let i = 0; i < attributes.length; i += 2) {
    const name = labelName(attributes[i] as string, naming, reserved)
    if (names.includes(name)) return formatColliding(attributes, naming, reserved)
    names.push(name)
    text = append(text, name, labelValue(attributes[i + 1]))
  }
  return text
}

function formatColliding(attributes: FlatAttributes, naming: MetricNaming, reserved: string): string {
  let text = ''
  for (const [name, value] of labelsOf(attributes, naming, reserved)) text = append(text, name, value)
  return text
}

/**
 * The labels of a series by name, some of them perhaps empty. Keys that become one label: their values joined with `;` in the
 * order of the keys (OpenTelemetry specification).
 */
export function labelsOf(
  attributes: FlatAttributes,
  naming: MetricNaming,
  reserved = '',
): Map<string, string> {
  const pairs: [key: string, value: string][] = []
  for (let i = 0; i < attributes.length; i += 2)
    pairs.push([attributes[i] as string, labelValue(attributes[i + 1])])
  pairs.sort(([a], [b]) => (a < b ? -1 : 1))
  const values = new Map<string, string>()
  for (const [key, value] of pairs) {
    const name = labelName(key, naming, reserved)
    const before = values.get(name)
    values.set(name, before === undefined ? value : `${before};${value}`)
  }
  return values
}

function append(text: string, name: string, value: string): string {
  if (value === '') return text
  return `${text}${text === '' ? '' : ','}${name}="${escapeQuoted(value)}"`
}

export function labelName(key: string, naming: MetricNaming, reserved = ''): string {
  const name = naming === 'prometheus' && VALID.test(key) ? key : translated(key)
  return name === reserved ? `exported_${name}` : name
}

function translated(key: string): string {
  let name = knownNames.get(key)
  if (name === undefined) {
    name = prometheusLabel(key)
    if (knownNames.size >= MAX_KNOWN_NAMES) knownNames.clear()
    knownNames.set(key, name)
  }
  return name
}

function labelValue(value: FlatAttributes[number] | undefined): string {
  if (typeof value === 'string') return value
  return Array.isArray(value) ? JSON.stringify(value) : String(value)
}

/** Backslash, quote and line feed. Everything else stands as it is, in UTF-8. */
export function escapeQuoted(text: string): string {
  return /[\\"\n]/.test(text)
    ? text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
    : text
}

/** As {@link escapeQuoted} where no quotes are around: HELP of text 0.0.4. */
export function escapeUnquoted(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

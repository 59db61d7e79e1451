import type { Exemplar } from '@hashira/core'
import { baseName, type ExposedFamily } from './exposed-family'
import { type Format, formatNumber } from './format'
import { escapeQuoted, formatLabels } from './labels'

const MAX_EXEMPLAR_CHARACTERS = 128

/**
 * OpenMetrics 1.0. `_created` lines are left out: they are optional, and Prometheus stores each as a series of its own unless
 * it was told otherwise, which would double the counters and add a series to every histogram.
 */
export const openMetricsFormat: Format = {
  contentType: 'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores',
  end: '# EOF\n',
  header(family) {
    const isCounter = isOpenMetricsCounter(family)
    const name = isCounter ? baseName(family.name) : family.name
    const type = family.type === 'counter' && !isCounter ? 'unknown' : family.type
    const unit =
      family.unit !== '' && name.endsWith(`_${family.unit}`) ? `# UNIT ${name} ${family.unit}\n` : ''
    const help = family.help === '' ? '' : `# HELP ${name} ${escapeQuoted(family.help)}\n`
    return `# TYPE ${name} ${type}\n${unit}${help}`
  },
  bound: canonicalNumber,
  exemplar: formatExemplar,
  takesExemplars: (family) => family.type === 'histogram' || isOpenMetricsCounter(family),
}

/** The version before 1.0, the same but for its name. */
export const openMetrics001Format: Format = {
  ...openMetricsFormat,
  contentType: 'application/openmetrics-text; version=0.0.1; charset=utf-8',
}

// A counter is what ends in `_total`. One that does not (prom-client allows it) keeps its name and is of unknown type.
function isOpenMetricsCounter(family: ExposedFamily): boolean {
  return family.type === 'counter' && family.name.endsWith('_total') && family.isBaseNameFree
}

/** Go's shortest form: `1.0`, `0.25`, `1e+06`. Prometheus takes bounds as texts, so every scrape must write them alike. */
export function canonicalNumber(value: number): string {
  if (!Number.isFinite(value)) return formatNumber(value)
  if (value === 0) return '0.0'
  const [mantissa = '', exponentText = ''] = value.toExponential().split('e')
  const exponent = Number(exponentText)
  if (exponent < -4 || exponent >= 6) {
    const digits = String(Math.abs(exponent)).padStart(2, '0')
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${digits}`
  }
  return Number.isInteger(value) ? `${value}.0` : String(value)
}

function formatExemplar({ traceId, spanId, attributes = [], value, timeUnixMs }: Exemplar): string {
  const labels: (typeof attributes)[number][] = []
  let characters = 0
  const add = (key: string, text: string) => {
    const length = [...key].length + [...text].length
    if (characters + length > MAX_EXEMPLAR_CHARACTERS) return
    characters += length
    labels.push(key, text)
  }
  if (traceId !== undefined) add('trace_id', traceId)
  if (spanId !== undefined) add('span_id', spanId)
  for (let i = 0; i < attributes.length; i += 2) {
    const key = attributes[i] as string
    if (key !== 'trace_id' && key !== 'span_id') add(key, String(attributes[i + 1]))
  }
  return ` # {${formatLabels(labels, 'prometheus')}} ${formatNumber(value)} ${(timeUnixMs / 1_000).toFixed(3)}`
}

import { type Accepted, parseAccept } from './accept-header'
import type { Format } from './format'
import { openMetrics001Format, openMetricsFormat } from './openmetrics-format'
import { textFormat } from './text-format'

/** The most wanted format that we have; text 0.0.4 when none is wanted (Prometheus, content negotiation). */
export function negotiateFormat(accept: string | undefined): Format {
  for (const wanted of parseAccept(accept)) {
    const format = formatFor(wanted)
    if (format !== undefined) return format
  }
  return textFormat
}

function formatFor({ value, parameters }: Accepted): Format | undefined {
  const version = parameters.get('version')
  switch (value) {
    case 'application/openmetrics-text':
      if (version === undefined || version === '1.0.0') return openMetricsFormat
      return version === '0.0.1' ? openMetrics001Format : undefined
    case 'text/plain':
      return version === undefined || version === '0.0.4' ? textFormat : undefined
    case 'text/*':
    case '*/*':
      return textFormat
    default:
      return undefined
  }
}

export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  return parseAccept(acceptEncoding).some(({ value }) => value === 'gzip')
}

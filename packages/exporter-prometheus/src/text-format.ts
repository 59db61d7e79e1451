import { type Format, formatNumber } from './format'
import { escapeUnquoted } from './labels'

/** Prometheus text 0.0.4. */
export const textFormat: Format = {
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
  end: '',
  header({ name, type, help }) {
    const typeLine = `# TYPE ${name} ${type === 'unknown' ? 'untyped' : type}\n`
    return help === '' ? typeLine : `# HELP ${name} ${escapeUnquoted(help)}\n${typeLine}`
  },
  bound: formatNumber,
  exemplar: () => '',
  takesExemplars: () => false,
}

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string | undefined>>
  readonly value: number
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g

/** The samples of Prometheus' text format, as far as this needs them: what is none is left out. */
export function samplesOf(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = LINE.exec(line) ?? []
    if (name === undefined || line.startsWith('#')) return []
    const pairs = [...labels.matchAll(LABEL)].map(([, key, text]) => [
      key,
      text!.replace(/\\(.)/g, (_, c) => (c === 'n' ? '\n' : c)),
    ])
    return [{ name, labels: Object.fromEntries(pairs) as Sample['labels'], value: Number(value) }]
  })
}

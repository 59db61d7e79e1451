/** A strict reader of both text formats, written from their specifications and not from the code under test. */
export interface ParsedFamily {
  readonly name: string
  type?: string
  unit?: string
  help?: string
  readonly samples: ParsedSample[]
}

export interface ParsedSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: string
  readonly exemplar:
    | { labels: Readonly<Record<string, string>>; value: string; timestamp: string }
    | undefined
}

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y
const LABEL = /[a-zA-Z_][a-zA-Z0-9_]*/y
const NUMBER = /[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN/y
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\', '"': '"', n: '\n' }

class Line {
  #at = 0

  constructor(readonly text: string) {}

  take(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.text)
    if (match === null) throw this.#error(String(pattern))
    this.#at += match[0].length
    return match[0]
  }

  skip(text: string): boolean {
    const isThere = this.text.startsWith(text, this.#at)
    if (isThere) this.#at += text.length
    return isThere
  }

  expect(text: string): void {
    if (!this.skip(text)) throw this.#error(JSON.stringify(text))
  }

  labels(): Record<string, string> {
    const labels: Record<string, string> = Object.create(null)
    while (!this.skip('}')) {
      if (Object.keys(labels).length > 0) this.expect(',')
      const name = this.take(LABEL)
      if (name in labels) throw new Error(`label ${name} twice in ${this.text}`)
      this.expect('="')
      labels[name] = this.#quoted()
    }
    return labels
  }

  #quoted(): string {
    let value = ''
    for (;;) {
      const character = this.text[this.#at++]
      if (character === undefined) throw this.#error('a closing quote')
      if (character === '"') return value
      if (character !== '\\') value += character
      else {
        const escaped = ESCAPES[this.text[this.#at++] ?? '']
        if (escaped === undefined) throw this.#error('a known escape')
        value += escaped
      }
    }
  }

  end(): void {
    if (this.#at !== this.text.length) throw this.#error('the end of the line')
  }

  #error(expected: string): Error {
    return new Error(`expected ${expected} at ${this.#at} of ${JSON.stringify(this.text)}`)
  }
}

const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total'],
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
}

export function parseExposition(text: string, format: 'text' | 'openmetrics'): ParsedFamily[] {
  if (!text.endsWith('\n')) throw new Error('the last line must end with a line feed')
  const lines = text.slice(0, -1).split('\n')
  if (format === 'openmetrics' && lines.pop() !== '# EOF') throw new Error('no # EOF')
  const families = new Map<string, ParsedFamily>()
  let current: ParsedFamily | undefined
  for (const line of lines) {
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE|UNIT) (\S+) (.*)$/s.exec(line) ?? []
    if (keyword !== undefined) {
      if (current?.name !== name) {
        if (families.has(name)) throw new Error(`${name} is not in one place`)
        current = { name, samples: [] }
        families.set(name, current)
      }
      const field = keyword.toLowerCase() as 'help' | 'type' | 'unit'
      if (current[field] !== undefined) throw new Error(`${keyword} of ${name} twice`)
      if (current.samples.length > 0) throw new Error(`${keyword} of ${name} after its samples`)
      current[field] = rest
      continue
    }
    const sample = parseSample(line, format)
    if (current === undefined) throw new Error(`no family for ${line}`)
    const suffixes =
      format === 'text' && current.type === 'counter' ? [''] : (SUFFIXES[current.type ?? ''] ?? [''])
    if (!suffixes.some((suffix) => sample.name === `${current?.name}${suffix}`))
      throw new Error(`${sample.name} is not of ${current.type} ${current.name}`)
    current.samples.push(sample)
  }
  return [...families.values()]
}

function parseSample(text: string, format: 'text' | 'openmetrics'): ParsedSample {
  const line = new Line(text)
  const name = line.take(NAME)
  const labels = line.skip('{') ? line.labels() : {}
  line.expect(' ')
  const value = line.take(NUMBER)
  let exemplar: ParsedSample['exemplar']
  if (format === 'openmetrics' && line.skip(' # {')) {
    const exemplarLabels = line.labels()
    line.expect(' ')
    const exemplarValue = line.take(NUMBER)
    line.expect(' ')
    exemplar = { labels: exemplarLabels, value: exemplarValue, timestamp: line.take(NUMBER) }
  }
  line.end()
  return { name, labels, value, exemplar }
}

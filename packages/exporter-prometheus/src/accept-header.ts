export interface Accepted {
  /** Lower case: `text/plain`, `gzip`. */
  readonly value: string
  readonly parameters: ReadonlyMap<string, string>
  /** 0 to 1. */
  readonly quality: number
}

/** The entries of an `Accept` or `Accept-Encoding` header that are not refused by `q=0`, the most wanted first. */
export function parseAccept(header: string | undefined): Accepted[] {
  return (header ?? '')
    .split(',')
    .map(parseEntry)
    .filter(({ value, quality }) => value !== '' && quality > 0)
    .sort((a, b) => b.quality - a.quality)
}

function parseEntry(entry: string): Accepted {
  const [value = '', ...rest] = entry.split(';')
  const parameters = new Map(rest.map(parseParameter))
  const quality = Number(parameters.get('q') ?? 1)
  return { value: value.trim().toLowerCase(), parameters, quality: quality <= 1 ? quality : 0 }
}

function parseParameter(text: string): [name: string, value: string] {
  const [name = '', value = ''] = text.split('=')
  return [
    name.trim().toLowerCase(),
    value
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .toLowerCase(),
  ]
}

const CODES = { red: 31, green: 32, yellow: 33, cyan: 36, gray: 90, bold: 1 } as const

export type Paint = (style: keyof typeof CODES, text: string) => string

const plain: Paint = (_style, text) => text
const coloured: Paint = (style, text) => (text === '' ? '' : `\x1b[${CODES[style]}m${text}\x1b[0m`)

export function painter(color: boolean): Paint {
  return color ? coloured : plain
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not reach a terminal
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g

/** On one line and without control characters: what a request brought must not steer the terminal. */
export function printable(text: string): string {
  return text.replace(CONTROL, ' ')
}

/** At most `width` columns, counted in characters. */
export function clip(text: string, width: number): string {
  if (text.length <= width) return text
  const characters = Array.from(text)
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`
}

/** Columns of `text`, which has no colours in it. */
export function columns(text: string): number {
  return Array.from(text).length
}

/** Filled up with spaces to `width` columns. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - columns(text)))
}

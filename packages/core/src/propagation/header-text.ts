/** Character classes and trimming for HTTP header values, by character code: headers come from strangers and may be long. */

const SPACE = 0x20
const TAB = 0x09

/** RFC 9110 optional white space: space and tab. */
export function isOws(code: number): boolean {
  return code === SPACE || code === TAB
}

/** `text` between `start` and `end` without white space around it. */
export function trimOws(text: string, start = 0, end = text.length): string {
  let from = start
  let to = end
  while (from < to && isOws(text.charCodeAt(from))) from++
  while (to > from && isOws(text.charCodeAt(to - 1))) to--
  return from === 0 && to === text.length ? text : text.slice(from, to)
}

/** A set of ASCII characters: 1 at the code of each. */
export function asciiSet(characters: string): Uint8Array {
  const set = new Uint8Array(128)
  for (let i = 0; i < characters.length; i++) set[characters.charCodeAt(i)] = 1
  return set
}

/** All characters of `text` from `start` to `end` are in `set`. */
export function consistsOf(set: Uint8Array, text: string, start = 0, end = text.length): boolean {
  for (let i = start; i < end; i++) if (set[text.charCodeAt(i)] !== 1) return false
  return true
}

/** A header as a getter returns it: repeated headers are one list, in their order. `undefined` when there is none. */
export function joinHeader(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (!Array.isArray(value) || value.length === 0) return undefined
  return value.every((item) => typeof item === 'string') ? value.join(',') : undefined
}

/** `*` is any text, `:id` (of a route) at least one character that is no slash. */
type Part = '*' | ':' | { readonly text: string }

/** Whether a text is, from its beginning to its end, what the pattern says. */
export type TextPattern = (text: string) => boolean

/** `*` stands for any text. */
export function wildcard(pattern: string, ignoreCase = false): TextPattern {
  const parts = partsOf(ignoreCase ? pattern.toLowerCase() : pattern, /(\*)/)
  return ignoreCase ? (text) => matches(parts, text.toLowerCase()) : (text) => matches(parts, text)
}

/** `:id` stands for one segment of a path, `*` for any text. */
export function routePattern(route: string): TextPattern {
  const parts = partsOf(route, /(:\w+|\*)/)
  return (text) => matches(parts, text)
}

function partsOf(pattern: string, separator: RegExp): Part[] {
  return pattern
    .split(separator)
    .filter((text) => text !== '')
    .map((text) => {
      if (text === '*') return '*'
      return separator.test(text) && text.startsWith(':') ? ':' : { text }
    })
}

/**
 * Every place that the parts so far may end at, part by part. Whoever sends a request chooses its path: a regular expression
 * with three `.*` takes minutes for one of 8,000 characters, this takes at most its length for each part.
 */
function matches(parts: readonly Part[], text: string): boolean {
  let ends = [0]
  for (const [i, part] of parts.entries()) {
    if (part === '*' && i === parts.length - 1) return true
    ends =
      part === '*'
        ? upFrom(ends[0]!, text.length)
        : part === ':'
          ? segmentEnds(ends, text)
          : after(ends, part.text, text)
    if (ends.length === 0) return false
  }
  return ends[ends.length - 1] === text.length
}

function upFrom(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

function after(ends: readonly number[], part: string, text: string): number[] {
  const found: number[] = []
  for (const end of ends) if (text.startsWith(part, end)) found.push(end + part.length)
  return found
}

/** Ascending, each once. */
function segmentEnds(ends: readonly number[], text: string): number[] {
  const found: number[] = []
  for (const end of ends) {
    // What is before this was found from an earlier place of the same segment.
    let at = Math.max(end, found[found.length - 1] ?? 0)
    while (at < text.length && text[at] !== '/') found.push(++at)
  }
  return found
}

/**
 * Whether a text fits `pattern`: `*` is any text, `?` one character, case does not matter (X-Ray developer guide, "Configuring
 * sampling rules"). By hand, as a regular expression of such a pattern can take exponential time on a path of somebody's choice.
 * The text comes in lower case already, as 25 rules ask about the same one.
 */
export function wildcard(pattern: string): (lowerCaseText: string | undefined) => boolean {
  if (/^\*+$/.test(pattern)) return () => true
  const wanted = pattern.toLowerCase()
  if (!/[*?]/.test(wanted)) return (text) => text === wanted
  return (text) => text !== undefined && fits(wanted, text)
}

/** Greedy: after a mismatch the last `*` takes one character more. */
function fits(pattern: string, text: string): boolean {
  let at = 0
  let star = -1
  let starText = 0
  for (let i = 0; i < text.length; ) {
    if (pattern[at] === '*') {
      star = at++
      starText = i
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[i])) {
      at++
      i++
    } else if (star >= 0) {
      at = star + 1
      i = ++starText
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}

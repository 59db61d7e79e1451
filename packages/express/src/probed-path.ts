import type { Matcher } from './layer'

const PROBE = 'hashira7probe'

interface Parameter {
  readonly name: string
  readonly start: number
  readonly end: number
}

/**
 * The pattern behind a matcher that keeps its path to itself, from one path that it matches: a parameter stands where another
 * text becomes the value of that parameter. `undefined` when that does not explain every parameter.
 */
export function probedPath(matcher: Matcher, path: string): string | undefined {
  try {
    const match = matcher(path)
    if (match === false || isOfRegExp(matcher)) return undefined
    const parameters: Parameter[] = []
    for (const [name, value] of Object.entries(match.params)) {
      const parameter = typeof value === 'string' ? locate(matcher, match.path, name, value) : undefined
      if (parameter === undefined) return undefined
      parameters.push(parameter)
    }
    return assemble(match.path, parameters)
  } catch {
    return undefined
  }
}

/** A RegExp matches texts without telling which part may differ; the matcher of a path has another name. */
function isOfRegExp(matcher: Matcher): boolean {
  return matcher.name === 'regexpMatcher'
}

function locate(matcher: Matcher, path: string, name: string, value: string): Parameter | undefined {
  for (const raw of new Set([value, encodeURIComponent(value)])) {
    for (let start = path.indexOf(raw); start >= 0; start = path.indexOf(raw, start + 1)) {
      const end = start + raw.length
      const probe = matcher(path.slice(0, start) + PROBE + path.slice(end))
      if (probe !== false && probe.params[name] === PROBE) return { name, start, end }
    }
  }
  return undefined
}

function assemble(path: string, parameters: readonly Parameter[]): string {
  let text = ''
  let copied = 0
  for (const { name, start, end } of [...parameters].sort((a, b) => a.start - b.start)) {
    text += `${path.slice(copied, start)}:${name}`
    copied = end
  }
  return text + path.slice(copied)
}

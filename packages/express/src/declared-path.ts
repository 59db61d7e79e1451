import { constructorOf, type Layer } from './layer'

/** Where path-to-regexp 0.1 joined the paths of an array. */
const JOINT = /(?<=\(\?=\\\/\|\$\))\|(?=\^)/

/**
 * The paths that an Express 4 mount was declared with, read back from what path-to-regexp 0.1 made of them: Express 4 keeps the
 * regular expression only. What is read is compiled again by the same copy, and counts only if that gives the same; otherwise
 * `undefined` stands for it. (`/a/` and `/a` compile to the same and read as `/a`.)
 */
export function declaredPaths(
  regexp: RegExp,
  keys: readonly string[],
  layer: Layer,
): readonly (string | undefined)[] {
  const left = [...keys]
  return regexp.source.split(JOINT).map((source) => {
    const body = /^\^(.*?)\/?\??\(\?=\/\|\$\)$/s.exec(source.replaceAll('\\/', '/'))?.[1]
    if (body === undefined) return undefined
    const path = readBody(body, left)
    return compilesTo(path, source, regexp.flags, layer) ? path : undefined
  })
}

/** A parameter in its compiled form: `(?:/([^/]+?))?` with what stands before it, its own pattern, and whether it may be missing. */
const PARAMETER = /\(\?:(\\\.)?(\/)?(\((?:[^()\\]|\\.|\((?:[^()\\]|\\.|\([^()]*\))*\))*\))\)(\?)?/g
const PLAIN_PATTERN = /^\((?:\[\^\/(?:\\\.)?\]\+\?|\(\?:\(\?!.*\)\.\)\+\?)\)$/

function readBody(body: string, keys: string[]): string {
  const wildcards = body.replaceAll('(.*)', '\u0000')
  const text = wildcards.replace(PARAMETER, (_, dot, slash, pattern: string, optional) => {
    const key = keys.shift()
    const custom = PLAIN_PATTERN.test(pattern) ? '' : pattern
    return `${dot === undefined ? '' : '\u0001'}${slash ?? ''}:${key}${custom}${optional ?? ''}`
  })
  return text.replaceAll('\\.', '.').replaceAll('\u0001', '.').replaceAll('\u0000', '*')
}

function compilesTo(path: string, source: string, flags: string, layer: Layer): boolean {
  try {
    const options = { sensitive: !flags.includes('i'), strict: false, end: false }
    const compiled = new (constructorOf(layer))(path, options, () => {})
    return compiled.regexp?.source === source && compiled.regexp.flags === flags
  } catch {
    return false
  }
}

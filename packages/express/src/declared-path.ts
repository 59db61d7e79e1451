import { constructorOf, type Layer } from './layer'

/**
 * The path that an Express 4 layer was declared with, read back from what path-to-regexp 0.1 made of it: Express 4 keeps the
 * regular expression only. Whatever is read is compiled again by the same copy, and counts only if that gives the same.
 */
export function declaredPath(regexp: RegExp, keys: readonly string[], layer: Layer): string | undefined {
  const source = regexp.source.replaceAll('\\/', '/')
  const body = /^\^(.*?)\/?\??\(\?=\/\|\$\)$/s.exec(source)?.[1]
  if (body === undefined) return undefined
  const candidate = readBody(body, [...keys])
  if (candidate === undefined) return undefined
  for (const path of [candidate, `${candidate}/`]) if (compilesTo(path, regexp, layer)) return path
  return undefined
}

/** A parameter in its compiled form: `(?:/([^/]+?))?` with what stands before it, its own pattern, and whether it may be missing. */
const PARAMETER = /\(\?:(\\\.)?(\/)?(\((?:[^()\\]|\\.|\((?:[^()\\]|\\.|\([^()]*\))*\))*\))\)(\?)?/g
const PLAIN_PATTERN = /^\((?:\[\^\/(?:\\\.)?\]\+\?|\(\?:\(\?!.*\)\.\)\+\?)\)$/

function readBody(body: string, keys: string[]): string | undefined {
  const wildcards = body.replaceAll('(.*)', '\u0000')
  const text = wildcards.replace(PARAMETER, (_, dot, slash, pattern: string, optional) => {
    const key = keys.shift()
    const custom = PLAIN_PATTERN.test(pattern) ? '' : pattern
    return `${dot === undefined ? '' : '\u0001'}${slash ?? ''}:${key}${custom}${optional ?? ''}`
  })
  return text.replaceAll('\\.', '.').replaceAll('\u0001', '.').replaceAll('\u0000', '*')
}

function compilesTo(path: string, regexp: RegExp, layer: Layer): boolean {
  try {
    const options = { sensitive: !regexp.flags.includes('i'), strict: false, end: false }
    const compiled = new (constructorOf(layer))(path, options, () => {})
    return compiled.regexp?.source === regexp.source && compiled.regexp.flags === regexp.flags
  } catch {
    return false
  }
}

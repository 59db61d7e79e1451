import { declaredPaths as readBack } from './declared-path'
import { constructorOf, type Layer, type Matcher, type RoutePath } from './layer'
import { probedPath } from './probed-path'

/** Stands for the pattern of a mount that can't be known: its concrete path must not become a label. */
export const UNKNOWN_MOUNT = '{mount}'

interface Alternative {
  readonly text: string
  matches(path: string): boolean
}

/**
 * What a layer's path is called in `http.route`: its text as the app declared it; a RegExp as text; of several paths the one
 * that matched.
 */
export class PathText {
  /** The text of a layer that has one path, and says which. */
  readonly only: string | undefined
  readonly #layer: Layer
  readonly #alternatives: readonly Alternative[] | undefined
  readonly #probed: string[] = []

  constructor(layer: Layer) {
    this.#layer = layer
    const declared = declaredPaths(layer)
    if (declared?.length === 1) this.only = declared[0] as string
    else if (declared !== undefined) this.#alternatives = declared.map((path) => alternative(path, layer))
  }

  /** @param path what the layer matched on: the URL's path below the enclosing mounts */
  of(path: string): string {
    if (this.only !== undefined) return this.only
    if (this.#alternatives !== undefined)
      return this.#alternatives.find((one) => one.matches(path))?.text ?? UNKNOWN_MOUNT
    return this.#probe(path)
  }

  /** router 2.0 to 2.2 keep only matchers: what they tell about the first path that they matched holds for all. */
  #probe(path: string): string {
    const matchers = this.#layer.matchers ?? []
    const index = matchers.findIndex((matcher) => matchesWith(matcher, path))
    if (index < 0) return UNKNOWN_MOUNT
    this.#probed[index] ??= probedPath(matchers[index] as Matcher, path) ?? UNKNOWN_MOUNT
    return this.#probed[index]
  }
}

function matchesWith(matcher: Matcher, path: string): boolean {
  try {
    return matcher(path) !== false
  } catch {
    return false
  }
}

/** The declared path or paths as texts; `undefined` when only the matchers know. */
function declaredPaths(layer: Layer): readonly (string | RegExp)[] | undefined {
  const path = layer.route?.path ?? layer.rawPath
  if (path !== undefined) {
    const paths = flat(path)
    return paths.length === 1 ? [String(paths[0])] : paths
  }
  if (layer.regexp !== undefined) return compiledPaths(layer.regexp, layer)
  return undefined
}

function flat(path: RoutePath): (string | RegExp)[] {
  return Array.isArray(path) ? (path as readonly RoutePath[]).flatMap(flat) : [path as string | RegExp]
}

function compiledPaths(regexp: RegExp, layer: Layer): readonly string[] {
  if (!isCompiled(regexp)) return [String(regexp)]
  const keys = (layer.keys ?? []).map(({ name }) => String(name))
  const paths = readBack(regexp, keys, layer)
  return paths.every((path) => path !== undefined) ? paths : [UNKNOWN_MOUNT]
}

/** path-to-regexp's own ending; a RegExp of the app is used as it is. */
function isCompiled(regexp: RegExp): boolean {
  return regexp.source.startsWith('^') && regexp.source.includes('(?=\\/|$)')
}

function alternative(path: string | RegExp, layer: Layer): Alternative {
  const end = layer.route !== undefined
  try {
    const compiled = new (constructorOf(layer))(path, { end, strict: false, sensitive: false }, () => {})
    const match = (compiled as unknown as { match(path: string): unknown }).match
    return { text: String(path), matches: (concrete) => isMatch(() => match.call(compiled, concrete)) }
  } catch {
    return { text: String(path), matches: () => false }
  }
}

function isMatch(match: () => unknown): boolean {
  try {
    return Boolean(match())
  } catch {
    return false
  }
}

import type { ExpressRequest, Layer } from './layer'
import { PathText } from './path-text'

/** A layer with a path of its own: a route, or what is mounted below a path. */
export class PathPlace {
  readonly isMount: boolean
  readonly #path: PathText
  #lastPrefix: string | undefined
  #lastText = ''

  constructor(layer: Layer) {
    this.isMount = layer.route === undefined
    this.#path = new PathText(layer)
  }

  /** The pattern of this layer below `prefix`. Most layers have one prefix and one path: joined once. */
  join(prefix: string, baseUrl: string, request: ExpressRequest): string {
    if (this.#path.only === undefined) return prefix + this.#path.of(this.#pathBelow(baseUrl, request))
    if (prefix !== this.#lastPrefix) {
      this.#lastPrefix = prefix
      this.#lastText = prefix + this.#path.only
    }
    return this.#lastText
  }

  /** What the layer was matched on; a mount has moved its part from `url` to `baseUrl` already. */
  #pathBelow(baseUrl: string, request: ExpressRequest): string {
    const url = request.url ?? ''
    const question = url.indexOf('?')
    const path = question < 0 ? url : url.slice(0, question)
    if (!this.isMount) return path
    const mounted = (request.baseUrl ?? '').slice(baseUrl.length)
    return path === '/' ? mounted : mounted + path
  }
}

/** What a layer is for a request that passes: a place with a path, what runs for every path, or a handler inside of a route. */
export type LayerPlace = PathPlace | 'everywhere' | 'inner'

const PLACE = Symbol.for('hashira.express.place')

/** Found out once per layer. */
export function placeOf(layer: Layer): LayerPlace {
  const marked = layer as Layer & { [PLACE]?: LayerPlace }
  marked[PLACE] ??= findPlace(layer)
  return marked[PLACE]
}

function findPlace(layer: Layer): LayerPlace {
  if (layer.route !== undefined) return new PathPlace(layer)
  if (Object.hasOwn(layer, 'method')) return 'inner'
  return layer.slash === true || layer.regexp?.fast_slash === true ? 'everywhere' : new PathPlace(layer)
}

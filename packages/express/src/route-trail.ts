import type { ServerOperation } from '@hashira/http'
import type { ExpressRequest, Layer, Next } from './layer'
import type { LayerPlace, PathPlace } from './layer-place'
import { UNKNOWN_MOUNT } from './path-text'

/** Follows one request through routers: which mounts it is below, which route it is in, and the errors that leave a layer. */
export class RouteTrail {
  readonly #operation: ServerOperation
  /** The patterns of the mounts that the request is below, joined. */
  #prefix: string
  /** The same as it is in the URL. */
  #baseUrl: string

  constructor(operation: ServerOperation, prefix: string, baseUrl: string) {
    this.#operation = operation
    this.#prefix = prefix
    this.#baseUrl = baseUrl
  }

  /**
   * Notes that a layer is entered, and returns the `next` to give it: that it is called means the layer is left, and was not
   * what answered. A route or mount that an error leaves stays the request's route: it is where the error comes from.
   */
  enter(layer: Layer, place: LayerPlace, request: ExpressRequest, next: Next): Next {
    if (typeof place !== 'object') {
      return (error) => {
        if (isError(error)) this.#operation.passError(error)
        next(error)
      }
    }
    if (this.#prefix === UNKNOWN_MOUNT) this.#leaveUnknownMount(layer, place, request)
    const prefix = this.#prefix
    const baseUrl = this.#baseUrl
    const route = this.#operation.matchedRoute
    const text = place.join(prefix, baseUrl, request)
    this.#operation.setRoute(text)
    if (place.isMount) {
      this.#prefix = text
      this.#baseUrl = request.baseUrl ?? ''
    }
    return (error) => {
      this.#prefix = prefix
      this.#baseUrl = baseUrl
      if (isError(error)) this.#operation.passError(error)
      else this.#operation.setRoute(route)
      next(error)
    }
  }

  /**
   * An error on its way, which may come from no layer at all (`app.param`): from the route that it kept from being entered,
   * unless one is known.
   */
  meet(error: unknown, { route }: ExpressRequest): void {
    if (!isError(error) || !this.#operation.passError(error)) return
    if (this.#operation.matchedRoute !== undefined || typeof route?.path !== 'string') return
    this.#operation.setRoute(this.#prefix + route.path)
  }

  /** The request was observed below a mount that was entered before (`app.use('/api', observe())`), and may have left it since. */
  #leaveUnknownMount(layer: Layer, place: PathPlace, { baseUrl = '' }: ExpressRequest): void {
    const own = place.isMount ? ownPath(layer, baseUrl) : ''
    if (own === undefined || !baseUrl.endsWith(own)) return
    this.#baseUrl = baseUrl.slice(0, baseUrl.length - own.length)
    if (this.#baseUrl === '') this.#prefix = ''
  }
}

/**
 * The part of `baseUrl` that a mount was matched on. router ≥ 2.3 does not keep it; whether it is all of `baseUrl` can be asked,
 * and is what matters.
 */
function ownPath(layer: Layer, baseUrl: string): string | undefined {
  if (layer.path !== undefined) return layer.path
  try {
    const match = layer.match?.(baseUrl)
    return match !== null && typeof match === 'object' && match.path === baseUrl ? baseUrl : undefined
  } catch {
    return undefined
  }
}

/** `'route'` and `'router'` are how a handler leaves its route or router. */
function isError(error: unknown): boolean {
  return Boolean(error) && error !== 'route' && error !== 'router'
}

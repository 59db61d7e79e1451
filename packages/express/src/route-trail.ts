import type { ServerOperation } from '@hashira/http'
import type { ExpressRequest, Next } from './layer'
import type { LayerPlace } from './layer-place'

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
  enter(place: LayerPlace, request: ExpressRequest, next: Next): Next {
    if (typeof place !== 'object') {
      return (error) => {
        if (isError(error)) this.#operation.passError(error)
        next(error)
      }
    }
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
}

/** `'route'` and `'router'` are how a handler leaves its route or router. */
function isError(error: unknown): boolean {
  return Boolean(error) && error !== 'route' && error !== 'router'
}

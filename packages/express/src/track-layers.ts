import type { ServerOperation } from '@hashira/http'
import type { ExpressRequest, HandleError, HandleRequest, Layer } from './layer'
import { placeOf } from './layer-place'
import { UNKNOWN_MOUNT } from './path-text'
import { RouteTrail } from './route-trail'

const TRAIL = Symbol.for('hashira.express.trail')
const TRACKED = Symbol.for('hashira.express.tracked')

type Tracked = ExpressRequest & { [TRAIL]?: RouteTrail }
type Prototype = {
  handleRequest?: HandleRequest
  handleError?: HandleError
  handle_request?: HandleRequest
  handle_error?: HandleError
}

const restores: (() => void)[] = []

/**
 * Follows `request` through Express from here on: `operation` learns its route and the errors that go to error handlers.
 *
 * Express tells a middleware neither. router ≥ 2.3 has a diagnostics channel for it, which says when a layer is entered but
 * not when a mount is left, and with a subscriber costs every layer of every request several closures; what all versions
 * share is that each layer is entered through one method of its prototype, which is found through the app.
 */
export function followRoutes(request: ExpressRequest, operation: ServerOperation): void {
  trackLayersOf(request.app)
  const baseUrl = request.baseUrl ?? ''
  const prefix = baseUrl === '' ? '' : UNKNOWN_MOUNT
  ;(request as Tracked)[TRAIL] = new RouteTrail(operation, prefix, baseUrl)
}

/** The router is made by the first `use`; Express 4 has a `router` that throws. */
function trackLayersOf(app: unknown): void {
  const holder = app as { _router?: { stack?: Layer[] }; router?: { stack?: Layer[] } } | undefined
  const first = (holder?._router ?? holder?.router)?.stack?.[0]
  if (first !== undefined) trackLayer(first)
}

/** Patches the prototype of `layer`, once per copy of Express or router. */
function trackLayer(layer: Layer): void {
  const prototype = Object.getPrototypeOf(layer) as Prototype
  if (Object.hasOwn(prototype, TRACKED)) return
  if (typeof prototype.handleRequest === 'function') {
    replace(prototype, 'handleRequest', trackedHandler)
    replace(prototype, 'handleError', trackedErrorHandler)
  } else {
    replace(prototype, 'handle_request', trackedHandler)
    replace(prototype, 'handle_error', trackedErrorHandler)
  }
  Object.defineProperty(prototype, TRACKED, { value: true, configurable: true })
  restores.push(() => Reflect.deleteProperty(prototype, TRACKED))
}

function replace<Name extends keyof Prototype>(
  prototype: Prototype,
  name: Name,
  track: (original: NonNullable<Prototype[Name]>) => NonNullable<Prototype[Name]>,
): void {
  const original = prototype[name]
  if (typeof original !== 'function') return
  const tracked = track(original)
  prototype[name] = tracked
  restores.push(() => {
    if (prototype[name] === tracked) prototype[name] = original
  })
}

function trackedHandler(original: HandleRequest): HandleRequest {
  return function (request, response, next) {
    const trail = (request as Tracked)[TRAIL]
    // An error handler is passed over, and the handlers inside of a route report through it.
    if (trail === undefined || this.handle.length > 3) return original.call(this, request, response, next)
    const place = placeOf(this)
    if (place === 'inner') return original.call(this, request, response, next)
    const nested = this.handle.stack?.[0]
    if (nested !== undefined) trackLayer(nested)
    return original.call(this, request, response, trail.enter(this, place, request, next))
  }
}

/** Sees the errors that come from no layer: those of `app.param`. */
function trackedErrorHandler(original: HandleError): HandleError {
  return function (error, request, response, next) {
    ;(request as Tracked)[TRAIL]?.meet(error, request)
    original.call(this, error, request, response, next)
  }
}

/** Puts every patched prototype back. */
export function stopTrackingLayers(): void {
  for (const restore of restores.splice(0)) restore()
}

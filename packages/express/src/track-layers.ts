import { operationOn, type ServerOperation } from '@hashira/http'
import type { ExpressRequest, HandleError, HandleRequest, Layer } from './layer'
import { placeOf } from './layer-place'
import { UNKNOWN_MOUNT } from './path-text'
import { RouteTrail } from './route-trail'

const TRACKED = Symbol.for('hashira.express.tracked')

type Prototype = {
  handleRequest?: HandleRequest
  handleError?: HandleError
  handle_request?: HandleRequest
  handle_error?: HandleError
}

/**
 * Follows `request` through Express from here on: `operation` learns its route and the errors that go to error handlers.
 *
 * Express tells a middleware neither. router ≥ 2.3 has a diagnostics channel for it, which says when a layer is entered but
 * not when a mount is left, and with a subscriber costs every layer of every request several closures; what all versions
 * share is that each layer is entered through one method of its prototype, which is found through the app.
 */
export function followRoutes(request: ExpressRequest, operation: ServerOperation): void {
  const baseUrl = request.baseUrl ?? ''
  const prefix = baseUrl === '' ? '' : UNKNOWN_MOUNT
  operation.adapterState = new RouteTrail(operation, prefix, baseUrl)
}

/**
 * To be called for each app before requests of it are followed. The router is made by the first `use`; Express 4 has a `router` that
 * throws.
 */
export function trackLayersOf(app: unknown): void {
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
  Object.defineProperty(prototype, TRACKED, { value: true })
}

function replace<Name extends keyof Prototype>(
  prototype: Prototype,
  name: Name,
  track: (original: NonNullable<Prototype[Name]>) => NonNullable<Prototype[Name]>,
): void {
  const original = prototype[name]
  if (typeof original === 'function') prototype[name] = track(original)
}

function trackedHandler(original: HandleRequest): HandleRequest {
  return function (request, response, next) {
    const trail = trailOf(request)
    if (trail === undefined) return original.call(this, request, response, next)
    const place = placeOf(this)
    // The handlers inside of a route report through it.
    if (place === 'inner') return original.call(this, request, response, next)
    if (this.route === undefined) trackNested(this)
    return original.call(this, request, response, trail.enter(this, place, request, next))
  }
}

function trailOf(request: ExpressRequest): RouteTrail | undefined {
  return operationOn(request)?.adapterState as RouteTrail | undefined
}

/** A router may be of another copy of Express, and have its first layer later than it was mounted. */
function trackNested({ handle }: Layer): void {
  const nested = handle.stack?.[0]
  if (nested !== undefined) trackLayer(nested)
}

/** Sees the errors that come from no layer: those of `app.param`. */
function trackedErrorHandler(original: HandleError): HandleError {
  return function (error, request, response, next) {
    trailOf(request)?.meet(error, request)
    original.call(this, error, request, response, next)
  }
}

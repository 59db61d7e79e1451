import {
  callInContext,
  describe,
  HashiraError,
  hookIsLive,
  rootContext,
  suppressTracing,
} from '@hashira/core'
import {
  type AccessLog,
  createServerObserver,
  type ObserveOptions,
  observeServer,
  operationOn,
  type ServerObserver,
} from '@hashira/http'
import { correlate, isPinoLogger, logger } from '@hashira/logs'
import { ensureStarted } from 'hashira'
import type { InstanceLike, ReplyLike, RequestLike } from './fastify-like'
import { configOf, type RouteConfig } from './route-config'

export type FastifyObserveOptions = ObserveOptions<RequestLike, ReplyLike>

/** A plugin of Fastify 4 and 5. */
export type Plugin = (instance: object, options: object, done: (error?: Error) => void) => void

/** The plugin itself, or with options a plugin that has them. */
export interface Observe {
  /** `app.register(observe({ … }))` */
  (options?: FastifyObserveOptions): Plugin
  /**
   * `app.register(observe, { … })`: traces, RED metrics and correlated logs for every route of the app. Starts Hashira from the
   * environment unless `start()` was called. Errors in the options reject `app.ready()`.
   *
   * @throws HashiraError HASHIRA_OPTION_INVALID, HASHIRA_OPTION_UNKNOWN, HASHIRA_REGISTRY_INVALID, HASHIRA_FRAMEWORK_UNSUPPORTED
   */
  (instance: object, options: FastifyObserveOptions, done: (error?: Error) => void): void
}

type Observer = ServerObserver<RequestLike, ReplyLike>

const INSTALLED = Symbol.for('hashira.fastify.installed')

/** The hooks of an instance ask it for every request: options that the app gives take the place of the defaults. */
interface Installation {
  observer: Observer
  /** Registered by nobody but `hashira/register`. */
  isDefault: boolean
}
type Installed = { readonly [INSTALLED]?: Installation }

function register(
  instance: InstanceLike,
  options: FastifyObserveOptions | undefined,
  done: (error?: Error) => void,
  isDefault = false,
): void {
  try {
    install(instance, options, isDefault)
  } catch (error) {
    done(error as Error)
    return
  }
  done()
}

function install(
  instance: InstanceLike,
  options: FastifyObserveOptions | undefined,
  isDefault: boolean,
): void {
  const major = Number.parseInt(instance.version, 10)
  if (major !== 4 && major !== 5) {
    throw new HashiraError(
      'HASHIRA_FRAMEWORK_UNSUPPORTED',
      `observe: Fastify is ${describe(instance.version)}, supported are 4 and 5`,
    )
  }
  // `prefix` and the like are Fastify's own options of `register`.
  const { prefix, logLevel, logSerializers, ...own } = (options ?? {}) as Record<string, unknown>
  const observer: Observer = createServerObserver<RequestLike, ReplyLike>('observe', own, () =>
    accessLogOf(instance),
  )
  ensureStarted()
  hookIsLive('fastify')
  if (isPinoLogger(instance.log)) correlate(instance.log as Parameters<typeof correlate>[0])
  const installed = (instance as Installed)[INSTALLED]
  if (installed?.isDefault === true) Object.assign(installed, { observer, isDefault })
  else if (installed === undefined || !isDefault) addHooks(instance, { observer, isDefault })
}

function accessLogOf({ log }: InstanceLike): AccessLog {
  return isPinoLogger(log) ? (log as unknown as AccessLog) : logger
}

function addHooks(instance: InstanceLike, installation: Installation): void {
  const notObserved = suppressTracing(rootContext)
  Object.defineProperty(instance, INSTALLED, { value: installation, configurable: true })

  // Fastify writes its `incoming request` line, and answers a path that cannot be decoded, before any hook of a plugin is called.
  // Servers that it adds later (for the second address of `localhost`) and `app.inject()` begin with the hook.
  observeServer(instance.server, {
    beginEarly: (request, response, url) => installation.observer.beginEarly(request, response, url),
  })

  instance.addHook('onRoute', ({ config }) => {
    const observation = (config as RouteConfig | undefined)?.observe
    if (observation)
      for (const name of Object.keys(observation.labels ?? {})) installation.observer.declareLabel(name)
  })

  instance.addHook('onRequest', (request, reply, done) => {
    const config = configOf(request)
    const observation = config?.observe
    if (observation === false) {
      operationOn(request.raw)?.discard(notObserved)
      callInContext(notObserved, done as (argument: undefined) => void, undefined)
      return
    }
    const context = installation.observer.begin(request.raw, reply.raw, request, reply, request.originalUrl)
    const operation = operationOn(request.raw)
    if (operation !== undefined) {
      operation.setRoute(config?.url)
      if (observation?.name !== undefined) operation.nameRoute(observation.name)
      operation.routeLabels = observation?.labels
    }
    callInContext(context, done as (argument: undefined) => void, undefined)
  })

  instance.addHook('onError', (request, _reply, error, done) => {
    operationOn(request.raw)?.passError(error)
    done()
  })
}

function observeOrRegister(
  first?: object,
  second?: FastifyObserveOptions,
  third?: (error?: Error) => void,
): Plugin | undefined {
  if (third !== undefined) {
    register(first as InstanceLike, second, third)
    return undefined
  }
  return asPlugin((instance, _options, done) =>
    register(instance as InstanceLike, first as FastifyObserveOptions | undefined, done),
  )
}

/** What `fastify-plugin` does: hooks of this plugin are for the whole app, not for its own scope. */
function asPlugin<P extends object>(plugin: P): P {
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: '@hashira/fastify',
  })
}

/** `observe` for an app that did not ask for it (`hashira/register`): it gives way to an `observe` of the app's own. */
export const observeByDefault: Plugin = asPlugin(
  (instance: object, _options: object, done: (error?: Error) => void) =>
    register(instance as InstanceLike, undefined, done, true),
)

export const observe = asPlugin(observeOrRegister) as Observe

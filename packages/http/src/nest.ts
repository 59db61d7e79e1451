import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServerObserver, ensureStarted, findLogger, type ObserveOptions } from './index'
import { type ErrorObserver, errorObserver } from './nest-errors'
import { type NestHttpAdapter, observeNest } from './nest-platforms'

/** The request of the platform: Express' or Fastify's; annotate a function's `request` as that. */
export interface ObservedRequest {
  readonly url: string
  readonly method: string
  readonly headers: IncomingMessage['headers']
  readonly ip?: string | undefined
  // biome-ignore lint/suspicious/noExplicitAny: as the platforms' own
  readonly params?: any
  // biome-ignore lint/suspicious/noExplicitAny: as the platforms' own
  readonly query?: any
}

export type NestObserveOptions = ObserveOptions<ObservedRequest, ServerResponse | object>

/** A module that Nest can import; the part of its DynamicModule that is used. */
export interface ObservedModule {
  // biome-ignore lint/suspicious/noExplicitAny: as Nest's own type of a class
  readonly module: new () => any
  readonly global: true
  readonly providers: { provide: string; useValue: ErrorObserver }[]
}

/** What Nest gives to the `configure` of a module. */
interface MiddlewareConsumer {
  getHttpAdapter(): NestHttpAdapter
}

/** For the imports of a Nest app: `imports: [HashiraModule.forRoot()]`. */
export const HashiraModule = {
  /**
   * Traces and RED metrics for every request to the app, on platform-express and platform-fastify: routes as the controllers
   * declare them, prefixes and versions included, and the errors of handlers and pipes that Nest's filters answer. Starts
   * Hashira from the environment unless `start()` was called.
   *
   * @throws HashiraError HASHIRA_OPTION_INVALID, HASHIRA_OPTION_UNKNOWN, HASHIRA_REGISTRY_INVALID
   */
  forRoot(options?: NestObserveOptions): ObservedModule {
    const owner = 'HashiraModule.forRoot()'
    const observer = createServerObserver<ObservedRequest, ServerResponse | object>(
      owner,
      options,
      findLogger,
    )
    ensureStarted(owner)
    let undo = () => {}
    class HashiraObservedModule {
      /** Called by Nest before it registers the routes. */
      configure(consumer: MiddlewareConsumer): void {
        undo = observeNest(consumer.getHttpAdapter(), observer)
      }

      onModuleDestroy(): void {
        undo()
      }
    }
    return {
      module: HashiraObservedModule,
      global: true,
      providers: [{ provide: 'APP_INTERCEPTOR', useValue: errorObserver }],
    }
  },
} as const

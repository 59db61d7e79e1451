import type { IncomingMessage } from 'node:http'
import { operationOn } from './index'

interface Observer {
  next?(value: unknown): void
  error?(error: unknown): void
  complete?(): void
}

/** An Observable of rxjs; that of the app, whichever it is. */
interface ObservableLike {
  subscribe(observer: Observer): unknown
}

interface ExecutionContext {
  getType(): string
  switchToHttp(): { getRequest(): IncomingMessage | { raw: IncomingMessage } }
}

export interface ErrorObserver {
  intercept(context: ExecutionContext, next: { handle(): ObservableLike }): ObservableLike
}

/**
 * An interceptor of Nest that sees what handlers and pipes throw, before filters answer it. It counts if the answer is an error.
 * Guards run before every interceptor: what they throw is known by its status only.
 */
export const errorObserver: ErrorObserver = {
  intercept(context, next) {
    const source = next.handle()
    if (context.getType() !== 'http') return source
    const request = context.switchToHttp().getRequest()
    const operation = operationOn('raw' in request ? request.raw : request)
    if (operation === undefined) return source
    // Made by the class of the source, so that it is one of the app's own rxjs.
    const Observable = source.constructor as new (
      subscribe: (observer: Required<Observer>) => unknown,
    ) => ObservableLike
    return new Observable((observer) =>
      source.subscribe({
        next: (value) => observer.next(value),
        error(error) {
          operation.passError(error)
          observer.error(error)
        },
        complete: () => observer.complete(),
      }),
    )
  },
}

import { httpServerActiveRequests, type UpDownCounterRecorder } from '@hashira/metrics-red'

type Handle = ReturnType<UpDownCounterRecorder['handle']>

/** Requests of a server that are under way: the labels of a request resolved once to a handle. */
export class ActiveRequests {
  readonly #recorder: UpDownCounterRecorder = httpServerActiveRequests()
  readonly #handles = new Map<string, [http: Handle | undefined, https: Handle | undefined]>()

  handle(method: string, scheme: 'http' | 'https'): Handle {
    let handles = this.#handles.get(method)
    if (handles === undefined) {
      handles = [undefined, undefined]
      this.#handles.set(method, handles)
    }
    const index = scheme === 'http' ? 0 : 1
    handles[index] ??= this.#recorder.handle([method, scheme])
    return handles[index]
  }
}

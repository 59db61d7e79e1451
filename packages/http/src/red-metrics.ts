import { type HistogramHandle, type HistogramRecorder, httpServerMetrics } from '@hashira/metrics-red'

interface Resolved {
  readonly method: string
  readonly status: number | undefined
  readonly scheme: string
  readonly errorType: string | undefined
  readonly version: string
  readonly handle: HistogramHandle
}

const MAX_ROUTES = 2_000
const MAX_PER_ROUTE = 32

/** RED of a server: the labels of a request resolved once to a handle, which is kept per route. */
export class RedMetrics {
  readonly #duration: HistogramRecorder
  readonly #routes = new Map<string | undefined, Resolved[]>()

  /** The labels after the six of OpenTelemetry, in the order of their values. */
  readonly extraLabels: readonly string[]

  constructor(buckets: readonly number[] | undefined, labels: readonly string[]) {
    const { duration } = httpServerMetrics({
      buckets,
      extraLabels: labels.length === 0 ? undefined : labels,
    })
    this.#duration = duration
    this.extraLabels = duration.attributeKeys.slice(6)
  }

  /**
   * The histogram's handle for requests with these labels. A route has few combinations of them, so they are searched one by
   * one: no key has to be joined from strings.
   */
  duration(
    method: string,
    route: string | undefined,
    status: number | undefined,
    scheme: string,
    errorType: string | undefined,
    version: string,
  ): HistogramHandle {
    let resolved = this.#routes.get(route)
    if (resolved === undefined) {
      resolved = []
      if (this.#routes.size < MAX_ROUTES) this.#routes.set(route, resolved)
    }
    for (let i = 0; i < resolved.length; i++) {
      const known = resolved[i] as Resolved
      if (
        known.status === status &&
        known.method === method &&
        known.errorType === errorType &&
        known.version === version &&
        known.scheme === scheme
      )
        return known.handle
    }
    const handle = this.#duration.handle([method, route, status, scheme, errorType, version])
    if (resolved.length < MAX_PER_ROUTE) resolved.push({ method, status, scheme, errorType, version, handle })
    return handle
  }

  /** The same with labels of one's own, which are not remembered here. */
  durationWith(values: readonly (string | number | undefined)[]): HistogramHandle {
    return this.#duration.handle(values)
  }
}

import { type HistogramHandle, type HistogramRecorder, httpClientMetrics } from '@hashira/metrics-red'
import type { Origin } from './origin'

interface Series {
  readonly method: string
  readonly status: number | undefined
  readonly errorType: string | undefined
  readonly version: string | undefined
  readonly handle: HistogramHandle
}

const MAX_PER_ORIGIN = 64

/** RED of outgoing calls: an origin has few series, so they are kept with it and searched one by one. */
export class ClientMetrics {
  readonly #duration: HistogramRecorder
  readonly #origins = new WeakMap<Origin, Series[]>()

  constructor() {
    this.#duration = httpClientMetrics().duration
  }

  duration(
    origin: Origin,
    method: string,
    status: number | undefined,
    errorType: string | undefined,
    version: string | undefined,
  ): HistogramHandle {
    let all = this.#origins.get(origin)
    if (all === undefined) {
      all = []
      this.#origins.set(origin, all)
    }
    for (const series of all) {
      if (
        series.status === status &&
        series.method === method &&
        series.errorType === errorType &&
        series.version === version
      )
        return series.handle
    }
    const { address, port } = origin
    const handle = this.#duration.handle([method, address, port, status, errorType, version])
    if (all.length < MAX_PER_ORIGIN) all.push({ method, status, errorType, version, handle })
    return handle
  }
}

import { getJson } from '../get-json.mjs'

/** Reads back from the API of a Zipkin at `url`. Zipkin writes the names of services and spans in small letters. */
export class ZipkinQuery {
  #url

  constructor(url) {
    this.#url = `${url}/api/v2`
  }

  /** The spans of a trace, as v2 JSON, or `undefined` while Zipkin has none. */
  trace(traceId) {
    return getJson(`${this.#url}/trace/${traceId}`)
  }

  /** The traces that hold a span of a service, each a list of spans, optionally those that match an `annotationQuery` (`http.path=/a`). */
  traces({ service, annotationQuery, limit = 20 }) {
    const parameters = new URLSearchParams({ serviceName: service, limit: String(limit) })
    if (annotationQuery) parameters.set('annotationQuery', annotationQuery)
    return getJson(`${this.#url}/traces?${parameters}`)
  }

  /** The names of all services seen. */
  services() {
    return getJson(`${this.#url}/services`)
  }

  /** Who called whom until now: the list of `{ parent, child, callCount, errorCount }`. */
  dependencies() {
    return getJson(`${this.#url}/dependencies?endTs=${Date.now() + 60_000}`)
  }
}

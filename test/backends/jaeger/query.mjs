import { getJson } from '../get-json.mjs'

/** Reads back from the query API of a Jaeger. `spans` are its own shape: `spanID`, `operationName`, `tags`, `references`, `logs`. */
export class JaegerQuery {
  #url

  constructor(queryUrl) {
    this.#url = queryUrl
  }

  /** The names of all services seen. */
  async services() {
    return (await getJson(`${this.#url}/api/services`)).data ?? []
  }

  /** The names of the operations of a service. */
  async operations(service) {
    return (await getJson(`${this.#url}/api/services/${encodeURIComponent(service)}/operations`)).data ?? []
  }

  /** A trace in Jaeger's own shape, or `undefined` while Jaeger does not have it. */
  async trace(traceId) {
    return (await getJson(`${this.#url}/api/traces/${traceId}`))?.data?.[0]
  }

  /** The same trace by the stable API, as OTLP JSON (`{ resourceSpans }`), or `undefined`. */
  async otlpTrace(traceId) {
    return (await getJson(`${this.#url}/api/v3/traces/${traceId}`))?.result
  }

  /**
   * The traces that hold a span of `service`, optionally of an `operation` and with all of `tags` (`{ name: text }`).
   * Not for the tag `error`: Jaeger's memory storage (2.13) compares its text with a boolean and finds nothing.
   */
  async findTraces({ service, operation, tags, limit = 20 }) {
    const parameters = new URLSearchParams({ service, limit: String(limit) })
    if (operation) parameters.set('operation', operation)
    if (tags) parameters.set('tags', JSON.stringify(tags))
    return (await getJson(`${this.#url}/api/traces?${parameters}`)).data ?? []
  }
}

/** The name of the service that a span of a trace belongs to. */
export function serviceOf(trace, span) {
  return trace.processes[span.processID].serviceName
}

/** The value of a tag of a span, or of a process. */
export function tagOf(tagged, key) {
  return tagged.tags.find((tag) => tag.key === key)?.value
}

/** The parent of a span inside its trace, or `undefined` for a root. */
export function parentOf(trace, span) {
  const reference = span.references.find(({ refType }) => refType === 'CHILD_OF')
  return reference && trace.spans.find(({ spanID }) => spanID === reference.spanID)
}

/** Every parent and child of a trace, as sorted lines: `shop: GET /cart -> stock: GET /items`. */
export function edgesOf(trace) {
  const label = (span) => `${serviceOf(trace, span)}: ${span.operationName}`
  return trace.spans
    .flatMap((span) => {
      const parent = parentOf(trace, span)
      return parent ? [`${label(parent)} -> ${label(span)}`] : []
    })
    .sort()
}

import { getJson } from '../get-json.mjs'

/** Reads back from the query API of a Prometheus at `url`. */
export class PrometheusQuery {
  #url

  constructor(url) {
    this.#url = url
  }

  /** An instant query: the list of `{ metric, value: [unixSeconds, text] }`, or with `histogram` for a native one. */
  async instant(promql) {
    return (await this.#get('query', { query: promql })).result
  }

  /** The list of `{ seriesLabels, exemplars: [{ labels, value, timestamp }] }` between two `Date`s (default: the last hour). */
  exemplars(promql, start = new Date(Date.now() - 3_600_000), end = new Date(Date.now() + 60_000)) {
    return this.#get('query_exemplars', {
      query: promql,
      start: start.toISOString(),
      end: end.toISOString(),
    })
  }

  /** The list of scrape targets, each with `scrapeUrl`, `health` and `lastError`. */
  async targets() {
    return (await this.#get('targets')).activeTargets
  }

  /** Type, help and unit by metric name: `{ name: [{ type, help, unit }] }`. */
  metadata() {
    return this.#get('metadata')
  }

  async #get(path, parameters = {}) {
    return (await getJson(`${this.#url}/api/v1/${path}?${new URLSearchParams(parameters)}`)).data
  }
}

import assert from 'node:assert/strict'
import type { HistogramPoint, NumberPoint } from '@hashira/core'
import { type HttpAnswer, HttpClient } from '@hashira/delivery'
import type { SpanCopy } from '../span-copy'
import { waitFor } from '../wait-for'
import type { AdapterConformanceOptions, AdapterRoute } from './adapter-options'
import { randomHex } from './random-hex'

/** An observed app for one test, and a client that is no part of any trace. */
export class AdapterBench {
  /** What every path of this test begins with, so that its metrics are its own. */
  readonly prefix = `/t${randomHex(4)}`
  readonly #options: AdapterConformanceOptions
  readonly #client = new HttpClient()
  readonly #patience: { readonly timeoutMs: number }
  #app: Awaited<ReturnType<AdapterConformanceOptions['start']>> | undefined

  constructor(options: AdapterConformanceOptions) {
    this.#options = options
    this.#patience = { timeoutMs: options.patienceMs ?? 30_000 }
    options.memory.reset()
  }

  async serve(...routes: readonly AdapterRoute[]): Promise<void> {
    const own = routes.map((route) => ({
      ...route,
      path: this.prefix + route.path,
      handle: () => route.handle(),
    }))
    this.#app = await this.#options.start(own)
  }

  ask(path: string, call: { method?: string; headers?: Record<string, string> } = {}) {
    const url = `http://127.0.0.1:${this.#app?.port}${this.prefix}${path}`
    return this.#client.request({ timeoutMs: this.#patience.timeoutMs, ...call, url }) as Promise<HttpAnswer>
  }

  waitFor(condition: () => boolean, what: string): Promise<boolean> {
    return waitFor(condition, { ...this.#patience, what })
  }

  /** The client goes away, with every request that it waits for. */
  hangUp(): void {
    this.#client.close()
  }

  /** The spans, as soon as they are so many. */
  async spans(count: number): Promise<readonly SpanCopy[]> {
    const { memory } = this.#options
    await waitFor(() => memory.spans.length >= count, { ...this.#patience, what: `${count} spans` })
    assert.equal(memory.spans.length, count)
    return memory.spans
  }

  async onlySpan(): Promise<SpanCopy> {
    const [span] = await this.spans(1)
    return span as SpanCopy
  }

  routeName(path: string): string {
    const { routeName = (same: string) => same } = this.#options
    return routeName(this.prefix + path)
  }

  /** Requests that were measured for a route, by status. */
  async measured(path: string): Promise<Record<string, number>> {
    const counts: Record<string, number> = {}
    for (const point of await this.#points<HistogramPoint>('http.server.request.duration')) {
      const labels = labelsOf(point.attributes)
      if (labels['http.route'] !== this.routeName(path)) continue
      const status = String(labels['http.response.status_code'] ?? labels['error.type'])
      counts[status] = (counts[status] ?? 0) + point.count
    }
    return counts
  }

  /** Closes the app. No request may be active afterwards. */
  async close(): Promise<void> {
    this.#client.close()
    await this.#app?.close()
    const active = async () => {
      const points = await this.#points<NumberPoint>('http.server.active_requests')
      return points.reduce((sum, { value }) => sum + value, 0)
    }
    await waitFor(async () => (await active()) === 0, { ...this.#patience, what: 'the end of every request' })
  }

  async #points<Point>(name: string): Promise<readonly Point[]> {
    const { families } = await this.#options.memory.snapshot()
    return families
      .filter((family) => family.name === name)
      .flatMap(({ points }) => points as unknown as Point[])
  }
}

function labelsOf(flat: readonly unknown[]): Record<string, unknown> {
  const labels: Record<string, unknown> = {}
  for (let i = 0; i < flat.length; i += 2) labels[String(flat[i])] = flat[i + 1]
  return labels
}

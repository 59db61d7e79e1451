import type { TestContext } from 'node:test'
import { AttributeList, collectMetrics, type MetricSnapshot, type PullMetrics } from '@hashira/core'
import { type PrometheusOptions, prometheus } from '@hashira/exporter-prometheus'

/** The exporter's real listener on a free port of loopback. */
export async function serve(
  t: TestContext,
  collect: () => Promise<MetricSnapshot> = collectMetrics,
  options: PrometheusOptions = {},
): Promise<string> {
  const metrics = prometheus({ host: '127.0.0.1', port: 0, ...options }).metrics as PullMetrics
  const resource = { attributes: new AttributeList(['service.name', 'shop']) }
  const url = await metrics.open({ resource, collect })
  t.after(() => metrics.close())
  if (url === undefined) throw new Error('it does not listen')
  return url
}

export async function scrape(url: string, accept = 'text/plain;version=0.0.4') {
  const response = await fetch(url, { headers: { accept } })
  return { response, text: await response.text(), type: response.headers.get('content-type') }
}

export const OPENMETRICS = 'application/openmetrics-text;version=1.0.0'
export const snapshotOf = (families: MetricSnapshot['families']) => async (): Promise<MetricSnapshot> => ({
  families,
  failures: [],
  timeUnixMs: Date.now(),
})

import type { PushMetrics, Resource } from '@hashira/core'
import { AttributeList, type FlatAttributes, type MetricFamily, type MetricSnapshot } from '@hashira/core'
import { type CloudWatchOptions, cloudwatch } from '@hashira/exporter-cloudwatch'

export const resource: Resource = {
  attributes: new AttributeList([
    ...['service.name', 'shop', 'service.version', '1.2.3', 'deployment.environment.name', 'prod'],
    ...['host.name', 'h1', 'process.pid', '42'],
  ]),
}

export const credentials = { accessKeyId: 'AKID', secretAccessKey: 'secret', sessionToken: 'token' }

// biome-ignore lint/suspicious/noExplicitAny: what a decoder made of JSON
export type Json = any

type Given = Partial<MetricFamily> & Pick<MetricFamily, 'name' | 'type' | 'points'>

export function family(given: Given): MetricFamily {
  return { naming: 'opentelemetry', description: '', unit: '', ...given } as MetricFamily
}

export function snapshotOf(...families: MetricFamily[]): MetricSnapshot {
  return { families, failures: [], timeUnixMs: 1_790_000_000_123.75 }
}

export function at(attributes: FlatAttributes = []) {
  return { attributes, startTimeUnixMs: 1_789_999_940_000 }
}

export function counter(name: string, value: number, attributes: FlatAttributes = []): MetricFamily {
  return family({ name, type: 'counter', points: [{ ...at(attributes), value }] })
}

/** One request duration series of a server, in seconds. */
export function durations(route: string | undefined, status: number, bucketCounts: number[], sum: number) {
  const labels = route === undefined ? [] : ['http.route', route]
  return {
    ...at([
      'http.request.method',
      'GET',
      ...labels,
      'http.response.status_code',
      status,
      'url.scheme',
      'http',
    ]),
    bounds: [0.1, 0.25, 1],
    bucketCounts,
    count: bucketCounts.reduce((all, count) => all + count, 0),
    sum,
  }
}

export function red(...points: ReturnType<typeof durations>[]): MetricFamily {
  return family({ name: 'http.server.request.duration', type: 'histogram', unit: 's', points })
}

export function pushOf(options: CloudWatchOptions): PushMetrics {
  return cloudwatch(options).metrics as PushMetrics
}

/** The documents that `snapshot` becomes on its way to the agent. */
export function documentsOf(snapshot: MetricSnapshot, options: CloudWatchOptions = {}): Json[] {
  return linesOf(snapshot, options).map((line) => JSON.parse(line))
}

export function linesOf(snapshot: MetricSnapshot, options: CloudWatchOptions = {}, of = resource): string[] {
  const batches = [...pushOf({ via: 'agent', ...options }).encode(snapshot, of)]
  return batches.flatMap((batch) =>
    batch === undefined ? [] : Buffer.from(batch.bytes).toString().trimEnd().split('\n'),
  )
}

/** The MetricDatum of every request that `snapshot` becomes. */
export function dataOf(snapshot: MetricSnapshot, options: CloudWatchOptions = {}, of = resource): Json[] {
  return requestsOf(snapshot, options, of).flatMap(({ MetricData }) => MetricData)
}

export function requestsOf(snapshot: MetricSnapshot, options: CloudWatchOptions = {}, of = resource): Json[] {
  const push = pushOf({ via: 'putMetricData', region: 'eu-west-1', credentials, ...options })
  return [...push.encode(snapshot, of)].flatMap((batch) =>
    batch === undefined ? [] : [JSON.parse(Buffer.from(batch.bytes).toString())],
  )
}

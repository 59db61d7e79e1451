import { collectMetrics, type HistogramFamily } from '@hashira/core'
import { SpanKind } from '@opentelemetry/api'
import { type RecordedSpan, type Recording, until } from '../../support/recorded'

/** Waits for `count` client spans; the recording starts anew. */
export async function takeClientSpans(recording: Recording, count = 1): Promise<RecordedSpan[]> {
  const taken = () => recording.spans.filter(({ kind }) => kind === SpanKind.CLIENT)
  await until(() => taken().length >= count)
  const spans = taken()
  recording.spans.length = 0
  return spans
}

export interface ClientSeries {
  readonly labels: Record<string, unknown>
  readonly count: number
  readonly sum: number
}

/** The series of `http.client.request.duration` of the server on `port`. */
export async function clientSeries(port: number): Promise<ClientSeries[]> {
  const { families } = await collectMetrics()
  const family = families.find(({ name }) => name === 'http.client.request.duration') as
    | HistogramFamily
    | undefined
  return (family?.points ?? [])
    .map(({ attributes, count, sum }) => ({ labels: toObject(attributes), count, sum }))
    .filter(({ labels }) => labels['server.port'] === port)
}

function toObject(flat: readonly unknown[]): Record<string, unknown> {
  const object: Record<string, unknown> = {}
  for (let i = 0; i < flat.length; i += 2) object[flat[i] as string] = flat[i + 1]
  return object
}

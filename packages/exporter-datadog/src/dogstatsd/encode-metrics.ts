import { Buffer } from 'node:buffer'
import {
  type Batch,
  countFault,
  explicitHistogram,
  type HistogramPoint,
  type MetricFamily,
  type MetricSnapshot,
  type NumberPoint,
  type SummaryPoint,
} from '@hashira/core'
import { histogramValues } from './histogram-values'
import { metricName, rateText, tagText, tagTexts } from './metric-text'

export interface DogstatsdFormat {
  /** On every metric: `env:prod`. */
  readonly tags: readonly string[]
  /** `ci-…` or `in-…`: `|c:`. */
  readonly containerId: string | undefined
  /** `|e:`. */
  readonly externalEnv: string | undefined
  readonly histogramType: 'd' | 'h'
  /** `|T` on counts and gauges. */
  readonly timestamps: boolean
  /** Of a packet: a line that would be longer has fewer values. */
  readonly maxPacketBytes: number
}

/** Several batches rather than one of many megabytes. */
const MAX_BATCH_BYTES = 1024 * 1024
/** After so long the event loop gets its turn, if the batch is not full before. */
const TURN_MS = 3
/** Of an exponential histogram: four to a power of two over the widest range there is in practice. */
const MAX_BUCKETS = 160

/**
 * A snapshot of deltas as DogStatsD lines (protocol 1.1 to 1.5); `itemCount` counts lines. Counters are counts, up-down counters and
 * gauges gauges, histograms distributions. One batch after the other, and `undefined` where others should have a turn.
 *
 * A family that can't be encoded is left out and counted as a fault. Never throws.
 */
export function* encodeMetrics(
  snapshot: MetricSnapshot,
  format: DogstatsdFormat,
): Generator<Batch | undefined, void, undefined> {
  const writer = new LineWriter(format, Math.floor(snapshot.timeUnixMs / 1e3))
  let turnEndsMs = performance.now() + TURN_MS
  for (const family of snapshot.families) {
    for (const point of pointsOf(family)) {
      try {
        writer.write(family, point)
      } catch {
        countFault('datadog_metric')
      }
      const isFull = writer.length >= MAX_BATCH_BYTES
      if (!isFull && performance.now() < turnEndsMs) continue
      yield isFull ? writer.take() : undefined
      turnEndsMs = performance.now() + TURN_MS
    }
  }
  if (writer.length > 0) yield writer.take()
}

type Point = NumberPoint | HistogramPoint | SummaryPoint

function pointsOf(family: MetricFamily): readonly Point[] {
  try {
    return family.type === 'exponential_histogram'
      ? explicitHistogram(family, MAX_BUCKETS).points
      : family.points
  } catch {
    countFault('datadog_metric')
    return []
  }
}

/** Collects the lines of one batch after another. */
class LineWriter {
  readonly #format: DogstatsdFormat
  #lines: string[] = []
  length = 0
  readonly #tail: string
  readonly #time: string

  constructor(format: DogstatsdFormat, unixSeconds: number) {
    const { containerId, externalEnv, timestamps } = format
    this.#format = format
    this.#tail = `${containerId === undefined ? '' : `|c:${containerId}`}${externalEnv === undefined ? '' : `|e:${externalEnv}`}`
    this.#time = timestamps ? `|T${unixSeconds}` : ''
  }

  take(): Batch {
    const batch = { bytes: Buffer.from(this.#lines.join('\n')), itemCount: this.#lines.length }
    this.#lines = []
    this.length = 0
    return batch
  }

  write(family: MetricFamily, point: Point): void {
    const name = metricName(family.name)
    if (name === undefined) {
      countFault('datadog_metric_name')
      return
    }
    const tags = this.#tags(tagTexts(point.attributes))
    if ('bounds' in point) this.#writeHistogram(name, point, tags)
    else if ('quantiles' in point) this.#writeSummary(name, point, tags)
    else this.#addNumber(name, point.value, family.type === 'counter' ? 'c' : 'g', tags)
  }

  #add(line: string): void {
    this.#lines.push(line)
    this.length += line.length + 1
  }

  #tags(own: readonly string[]): string {
    const all = [...this.#format.tags, ...own]
    return all.length === 0 ? '' : `|#${all.join(',')}`
  }

  /** As Datadog's own OpenMetrics check names the parts of a summary. */
  #writeSummary(name: string, { count, sum, quantiles, attributes }: SummaryPoint, tags: string): void {
    this.#addNumber(`${name}.count`, count, 'c', tags)
    this.#addNumber(`${name}.sum`, sum, 'c', tags)
    for (const { quantile, value } of quantiles) {
      const own = [...tagTexts(attributes), tagText('quantile', quantile)!]
      this.#addNumber(`${name}.quantile`, value, 'g', this.#tags(own))
    }
  }

  #addNumber(name: string, value: number, type: 'c' | 'g', tags: string): void {
    if (Number.isFinite(value)) this.#add(`${name}:${value}|${type}${tags}${this.#tail}${this.#time}`)
  }

  /** Values with the same count share a line, as many as a packet holds. */
  #writeHistogram(name: string, point: HistogramPoint, tags: string): void {
    const { histogramType, maxPacketBytes } = this.#format
    const byCount = new Map<number, string[]>()
    for (const { value, count } of histogramValues(point)) {
      const values = byCount.get(count)
      if (values === undefined) byCount.set(count, [String(value)])
      else values.push(String(value))
    }
    for (const [count, values] of byCount) {
      const rest = `|${histogramType}${rateText(count)}${tags}${this.#tail}`
      const room = maxPacketBytes - Buffer.byteLength(name) - Buffer.byteLength(rest)
      for (const joined of joinedValues(values, room)) this.#add(`${name}${joined}${rest}`)
    }
  }
}

/** `:1:2:3`, of at most `room` characters where one value fits. */
function* joinedValues(values: readonly string[], room: number): Generator<string> {
  let joined = ''
  for (const value of values) {
    if (joined !== '' && joined.length + 1 + value.length > room) {
      yield joined
      joined = ''
    }
    joined += `:${value}`
  }
  if (joined !== '') yield joined
}

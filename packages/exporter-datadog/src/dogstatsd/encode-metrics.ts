import { Buffer } from 'node:buffer'
import {
  type Batch,
  countFault,
  type HistogramPoint,
  type MetricFamily,
  type MetricSnapshot,
  type NumberFamily,
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

/**
 * A snapshot of deltas as DogStatsD lines (protocol 1.1 to 1.5); `itemCount` counts lines. Counters are counts, up-down counters and
 * gauges gauges, histograms distributions. A family that can't be encoded is left out and counted as a fault. Never throws.
 */
export function encodeMetrics(snapshot: MetricSnapshot, format: DogstatsdFormat): Batch[] {
  const lines = new LineBatches()
  const writer = new FamilyWriter(format, Math.floor(snapshot.timeUnixMs / 1e3), lines)
  for (const family of snapshot.families) {
    try {
      writer.write(family)
    } catch {
      countFault('datadog_metric')
    }
  }
  return lines.take()
}

class LineBatches {
  readonly #batches: Batch[] = []
  #lines: string[] = []
  #length = 0

  add(line: string): void {
    this.#lines.push(line)
    this.#length += line.length + 1
    if (this.#length >= MAX_BATCH_BYTES) this.#close()
  }

  take(): Batch[] {
    this.#close()
    return this.#batches
  }

  #close(): void {
    if (this.#lines.length === 0) return
    this.#batches.push({ bytes: Buffer.from(this.#lines.join('\n')), itemCount: this.#lines.length })
    this.#lines = []
    this.#length = 0
  }
}

class FamilyWriter {
  readonly #format: DogstatsdFormat
  readonly #lines: LineBatches
  readonly #tail: string
  readonly #time: string

  constructor(format: DogstatsdFormat, unixSeconds: number, lines: LineBatches) {
    const { containerId, externalEnv, timestamps } = format
    this.#format = format
    this.#lines = lines
    this.#tail = `${containerId === undefined ? '' : `|c:${containerId}`}${externalEnv === undefined ? '' : `|e:${externalEnv}`}`
    this.#time = timestamps ? `|T${unixSeconds}` : ''
  }

  write(family: MetricFamily): void {
    const name = metricName(family.name)
    if (name === undefined) {
      countFault('datadog_metric_name')
      return
    }
    for (const point of family.points) {
      const tags = this.#tags(tagTexts(point.attributes))
      if ('bounds' in point) this.#writeHistogram(name, point, tags)
      else if ('quantiles' in point) this.#writeSummary(name, point, tags)
      else this.#writeNumber(name, family as NumberFamily, point, tags)
    }
  }

  #tags(own: readonly string[]): string {
    const all = [...this.#format.tags, ...own]
    return all.length === 0 ? '' : `|#${all.join(',')}`
  }

  #writeNumber(name: string, { type }: NumberFamily, { value }: NumberPoint, tags: string): void {
    this.#add(name, value, type === 'counter' ? 'c' : 'g', tags)
  }

  /** As Datadog's own OpenMetrics check names the parts of a summary. */
  #writeSummary(name: string, { count, sum, quantiles, attributes }: SummaryPoint, tags: string): void {
    this.#add(`${name}.count`, count, 'c', tags)
    this.#add(`${name}.sum`, sum, 'c', tags)
    for (const { quantile, value } of quantiles) {
      const own = [...tagTexts(attributes), tagText('quantile', quantile)!]
      this.#add(`${name}.quantile`, value, 'g', this.#tags(own))
    }
  }

  #add(name: string, value: number, type: 'c' | 'g', tags: string): void {
    if (Number.isFinite(value)) this.#lines.add(`${name}:${value}|${type}${tags}${this.#tail}${this.#time}`)
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
      for (const joined of joinedValues(values, room)) this.#lines.add(`${name}${joined}${rest}`)
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

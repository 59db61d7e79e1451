import { countOf, type Distribution, sumOf } from '../metric/distribution'
import type { Sample } from '../metric/samples'
import type { DocumentHead } from './document-head'

/** Of a document (Embedded Metric Format specification). */
const MAX_METRICS = 100
/** Of one metric in a document. */
export const MAX_VALUES = 100

export interface EmfFrame {
  readonly namespace: string
  readonly timestampMs: number
  readonly logGroupName: string | undefined
  readonly logStreamName: string | undefined
  readonly storageResolution: 1 | 60
  /** A document is never larger, unless its first metric alone is. */
  readonly maxBytes: number
}

/** One document being written: a text, as that of thousands of documents costs less than objects. */
export class EmfDocument {
  readonly #frame: EmfFrame
  readonly #head: DocumentHead
  readonly #names = new Set<string>()
  #definitions = ''
  #targets = ''
  #byteLength: number

  constructor(head: DocumentHead, frame: EmfFrame) {
    this.#head = head
    this.#frame = frame
    this.#byteLength = Buffer.byteLength(this.text)
  }

  /** Metrics that the document defines. */
  get itemCount(): number {
    return this.#names.size
  }

  get text(): string {
    const { namespace, timestampMs, logGroupName, logStreamName } = this.#frame
    const { dimensionSets, members } = this.#head
    const directive = `{"Namespace":${JSON.stringify(namespace)},"Dimensions":${dimensionSets},"Metrics":[${this.#definitions.slice(1)}]}`
    const logs = optional('LogGroupName', logGroupName) + optional('LogStreamName', logStreamName)
    return `{"_aws":{"Timestamp":${timestampMs},"CloudWatchMetrics":[${directive}]${logs}},"Version":"1"${members}${this.#targets}}`
  }

  /** `false` when the document is full, or has a metric of this name already. `sample` has at most {@link MAX_VALUES} values. */
  add(sample: Sample): boolean {
    const { name, unit } = sample
    if (this.#names.size >= MAX_METRICS || this.#names.has(name)) return false
    const resolution = this.#frame.storageResolution === 1 ? ',"StorageResolution":1' : ''
    const key = JSON.stringify(name)
    const definition = `,{"Name":${key},"Unit":"${unit}"${resolution}}`
    const target = `,${key}:${targetText(sample)}`
    const byteLength = this.#byteLength + definition.length + target.length
    if (this.#names.size > 0 && byteLength > this.#frame.maxBytes) return false
    this.#names.add(name)
    this.#definitions += definition
    this.#targets += target
    this.#byteLength = byteLength
    return true
  }
}

function optional(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${JSON.stringify(value)}`
}

/**
 * A number where there is one; otherwise values with their counts, as AWS's own exporters write histograms
 * (`awsemfexporter`, `aws-otel-js-instrumentation`).
 */
function targetText(sample: Distribution): string {
  const { values, counts } = sample
  if (values.length === 1 && counts[0] === 1) return String(values[0])
  return JSON.stringify({
    Values: values,
    Counts: counts,
    Max: Math.max(...values),
    Min: Math.min(...values),
    Count: countOf(sample),
    Sum: Number(sumOf(sample).toPrecision(15)),
  })
}

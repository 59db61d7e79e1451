import { createRequire } from 'node:module'
import { Enum, Field, loadSync, Root, Type } from 'protobufjs'

const require = createRequire(__filename)
const { uncompress } = require('snappyjs') as { uncompress(bytes: Uint8Array): Uint8Array }

// Of 1.0 the published schema, as the package prometheus-remote-write ships it.
const writeRequest = loadSync(require.resolve('prometheus-remote-write/prom.proto')).lookupType(
  'prometheus.WriteRequest',
)

// Of 2.0 nobody ships it: the fields that are used of prompb/io/prometheus/write/v2/types.proto, by their numbers.
const message = (name: string, ...fields: Field[]) =>
  fields.reduce((type, field) => type.add(field), new Type(name))
const metricType = new Enum('MetricType', {
  METRIC_TYPE_UNSPECIFIED: 0,
  METRIC_TYPE_COUNTER: 1,
  METRIC_TYPE_GAUGE: 2,
  METRIC_TYPE_HISTOGRAM: 3,
  METRIC_TYPE_GAUGEHISTOGRAM: 4,
  METRIC_TYPE_SUMMARY: 5,
})
const request2 = new Root()
  .add(metricType)
  .add(
    message(
      'Sample',
      new Field('value', 1, 'double'),
      new Field('timestamp', 2, 'int64'),
      new Field('startTimestamp', 3, 'int64'),
    ),
  )
  .add(
    message(
      'Exemplar',
      new Field('labelsRefs', 1, 'uint32', 'repeated'),
      new Field('value', 2, 'double'),
      new Field('timestamp', 3, 'int64'),
    ),
  )
  .add(
    message(
      'Metadata',
      new Field('type', 1, 'MetricType'),
      new Field('helpRef', 3, 'uint32'),
      new Field('unitRef', 4, 'uint32'),
    ),
  )
  .add(
    message(
      'TimeSeries',
      new Field('labelsRefs', 1, 'uint32', 'repeated'),
      new Field('samples', 2, 'Sample', 'repeated'),
      new Field('exemplars', 4, 'Exemplar', 'repeated'),
      new Field('metadata', 5, 'Metadata'),
    ),
  )
  .add(
    message(
      'Request',
      new Field('symbols', 4, 'string', 'repeated'),
      new Field('timeseries', 5, 'TimeSeries', 'repeated'),
    ),
  )
  .lookupType('Request')

export interface ReadSeries {
  /** In the order in which they stand. */
  readonly labels: readonly (readonly [name: string, value: string])[]
  readonly value: number
  readonly timestamp: number
  readonly startTimestamp?: number | undefined
  readonly exemplars: readonly { labels: Record<string, string>; value: number; timestamp: number }[]
  readonly metadata?: { readonly type: string; readonly help: string; readonly unit: string } | undefined
}

export interface ReadRequest {
  readonly series: readonly ReadSeries[]
  /** Only of 1.0. */
  readonly metadata: readonly unknown[]
}

const OPTIONS = { longs: Number, enums: String, arrays: true }

export function readCompressed(body: Uint8Array, is2: boolean): ReadRequest {
  const bytes = uncompress(body)
  return is2 ? read2(bytes) : read1(bytes)
}

export function read1(bytes: Uint8Array): ReadRequest {
  const { timeseries, metadata } = writeRequest.toObject(writeRequest.decode(bytes), OPTIONS)
  // biome-ignore lint/suspicious/noExplicitAny: a decoded message
  const pair = ({ name, value }: any) => [name, value] as const
  return {
    metadata,
    // biome-ignore lint/suspicious/noExplicitAny: a decoded message
    series: timeseries.map(({ labels, samples: [sample], exemplars }: any) => ({
      labels: labels.map(pair),
      value: sample.value ?? 0,
      timestamp: sample.timestamp,
      // biome-ignore lint/suspicious/noExplicitAny: a decoded message
      exemplars: exemplars.map((one: any) => ({ ...one, labels: Object.fromEntries(one.labels.map(pair)) })),
    })),
  }
}

export function read2(bytes: Uint8Array): ReadRequest {
  const { symbols, timeseries } = request2.toObject(request2.decode(bytes), OPTIONS)
  const pairs = (references: number[]) =>
    Array.from(
      { length: references.length / 2 },
      (_, i) => [symbols[references[2 * i]!], symbols[references[2 * i + 1]!]] as const,
    )
  return {
    metadata: [],
    // biome-ignore lint/suspicious/noExplicitAny: a decoded message
    series: timeseries.map(({ labelsRefs, samples: [sample], exemplars, metadata }: any) => ({
      labels: pairs(labelsRefs),
      value: sample.value ?? 0,
      timestamp: sample.timestamp,
      startTimestamp: sample.startTimestamp,
      // biome-ignore lint/suspicious/noExplicitAny: a decoded message
      exemplars: exemplars.map(({ labelsRefs: refs, ...one }: any) => ({
        ...one,
        labels: Object.fromEntries(pairs(refs)),
      })),
      metadata: metadata && {
        type: metadata.type,
        help: symbols[metadata.helpRef ?? 0],
        unit: symbols[metadata.unitRef ?? 0],
      },
    })),
  }
}

import type { Resource, SpanEvent, SpanRecord } from '@hashira/core'
import { type XrayOptions, xray } from '@hashira/exporter-xray'
import { attributes, record, resource as shopResource } from '../../exporter-otlp/test/records'

export { anyRecord } from '../../exporter-otlp/test/records'
export { attributes, record }

/** As parsed JSON: any shape. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into documents by name
export type Document = Record<string, any>

export const TRACE = '1-0af76519-16cd43dd8448eb211c80319c'
export const SPAN = 'b7ad6b7169203331'
export const PARENT = '00f067aa0ba902b7'

/** The datagrams' documents, parsed; each must have the daemon's header. */
export function documentsOf(
  records: SpanRecord | readonly SpanRecord[],
  options: XrayOptions = {},
  resource: Resource = shopResource,
): Document[] {
  const encoder = xray(options).traces!.createEncoder(resource)
  for (const one of [records].flat() as SpanRecord[]) encoder.append(one)
  const lines = Buffer.from(encoder.take().bytes).toString().split(/\n+/)
  const documents: Document[] = []
  for (let i = 0; i < lines.length; i += 2) {
    if (lines[i] !== '{"format":"json","version":1}') throw new Error(`no header: ${lines[i]}`)
    documents.push(JSON.parse(lines[i + 1]!))
  }
  return documents
}

export function documentOf(given: Partial<SpanRecord>, options?: XrayOptions, resource?: Resource): Document {
  const documents = documentsOf(record(given), options, resource)
  if (documents.length !== 1) throw new Error(`${documents.length} documents`)
  return documents[0]!
}

/** A child of a local span, so one subsegment. */
export function childOf(given: Partial<SpanRecord>, options?: XrayOptions): Document {
  return documentOf({ isLocalRoot: false, parentSpanId: PARENT, kind: 0, ...given }, options)
}

// 5 ns after a whole second, and 1 ns before one: a double has about 240 ns here.
export const times = { start_time: 1_795_411_000, end_time: 1_795_411_002 }

export const exception = (flat: unknown[]): SpanEvent => ({
  name: 'exception',
  timeSeconds: 1_795_411_000,
  timeNanos: 0,
  attributes: attributes(flat),
})
export const resourceOf = (flat: unknown[]) => ({ attributes: attributes(flat) })

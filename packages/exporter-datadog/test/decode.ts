// Not imported: its types need those of a browser.
const { decode } = require('@msgpack/msgpack') as {
  decode(
    bytes: Uint8Array,
    options: { useBigInt64: boolean; mapKeyConverter: (key: unknown) => string; keyDecoder: KeyDecoder },
  ): Any
}

interface KeyDecoder {
  canBeCached(byteLength: number): boolean
  decode(bytes: Uint8Array, offset: number, byteLength: number): string
}

/** The decoder does not take this key, for the objects it makes; the agent does. */
const PROTO = '__proto__'
const protoDecoder: KeyDecoder = {
  canBeCached: (byteLength) => byteLength === PROTO.length,
  decode(bytes, offset, byteLength) {
    const key = Buffer.from(bytes.subarray(offset, offset + byteLength)).toString()
    return key === PROTO ? '(proto)' : key
  },
}

/** A span as any version of the protocol brings it, in one form. Numbers of 64 bits are bigints. */
export interface DecodedSpan {
  traceId: bigint
  spanId: bigint
  parentId: bigint
  start: bigint
  duration: bigint
  error: boolean
  service: string
  name: string
  resource: string
  type: string
  texts: Record<string, string>
  numbers: Record<string, number>
  events: unknown
  links: unknown
}

export interface DecodedChunk {
  spans: DecodedSpan[]
  /** Only `/v1.0` has these of its own. */
  head?: Record<string, unknown>
}

export type Version = '0.4' | '0.5' | '1.0'

const HEAD = 8
// biome-ignore lint/suspicious/noExplicitAny: decoded bytes may be anything, and assertions say what they are
type Any = any

const big = (value: unknown) => BigInt(value as number | bigint)

export function decodeAny(bytes: Uint8Array): Any {
  return decode(bytes, { useBigInt64: true, mapKeyConverter: String, keyDecoder: protoDecoder })
}

/** A whole batch, by the independent decoder of `@msgpack/msgpack`. */
export function decodeBatch(bytes: Uint8Array, version: Version): DecodedChunk[] {
  return decodePayload(bytes.subarray(HEAD), version)
}

/** What is sent of it. */
export function decodePayload(bytes: Uint8Array, version: Version): DecodedChunk[] {
  const payload = decodeAny(bytes)
  if (version === '0.4') return payload.map((spans: Any[]) => ({ spans: spans.map(spanV04) }))
  if (version === '0.5') {
    const [strings, traces] = payload
    return traces.map((spans: Any[]) => ({ spans: spans.map((span) => spanV05(span, strings)) }))
  }
  return payload[11].map((chunk: Any) => ({
    spans: chunk[4].map((span: Any) => spanV10(span, chunk)),
    head: chunk,
  }))
}

function spanV04(span: Any): DecodedSpan {
  return {
    traceId: big(span.trace_id),
    spanId: big(span.span_id),
    parentId: big(span.parent_id),
    start: big(span.start),
    duration: big(span.duration),
    error: span.error === 1,
    service: span.service,
    name: span.name,
    resource: span.resource,
    type: span.type,
    texts: span.meta,
    numbers: span.metrics,
    events: span.span_events,
    links: undefined,
  }
}

function spanV05(span: Any, strings: string[]): DecodedSpan {
  const [service, name, resource, traceId, spanId, parentId, start, duration, error, meta, metrics, type] =
    span
  const text = (index: unknown) => strings[Number(index)] as string
  const texts = Object.fromEntries(Object.entries(meta).map(([key, value]) => [text(key), text(value)]))
  const numbers = Object.fromEntries(
    Object.entries(metrics).map(([key, value]) => [text(key), value as number]),
  )
  return {
    traceId: big(traceId),
    spanId: big(spanId),
    parentId: big(parentId),
    start: big(start),
    duration: big(duration),
    error: error === 1,
    service: text(service),
    name: text(name),
    resource: text(resource),
    type: text(type),
    texts,
    numbers,
    events: undefined,
    links: undefined,
  }
}

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer']

function spanV10(span: Any, chunk: Any): DecodedSpan {
  const tags: [key: string, type: number, value: Any][] = []
  for (let i = 0; i < span[9].length; i += 3) tags.push(span[9].slice(i, i + 3))
  const ofType = (wanted: number) =>
    Object.fromEntries(tags.filter(([, type]) => type === wanted).map(([key, , value]) => [key, value]))
  const strange = tags.find(([, type]) => type !== 1 && type !== 3)
  if (strange !== undefined) throw new Error(`type ${strange[1]}`)
  const texts: Record<string, string> = ofType(1)
  const numbers: Record<string, number> = ofType(3)
  texts['span.kind'] = KINDS[span[16]]!
  for (const [field, key] of [
    [13, 'env'],
    [14, 'version'],
    [15, 'component'],
  ] as const)
    if (span[field] !== '') texts[key] = span[field]
  return {
    traceId: Buffer.from(chunk[6]).readBigUInt64BE(8),
    spanId: big(span[4]),
    parentId: big(span[5]),
    start: big(span[6]),
    duration: big(span[7]),
    error: span[8],
    service: span[1],
    name: span[2],
    resource: span[3],
    type: span[10],
    texts,
    numbers,
    events: span[12],
    links: span[11],
  }
}

import { createRequire } from 'node:module'

// The classes that protobufjs generated from the published .proto files, as OpenTelemetry JS ships them.
const require = createRequire(__filename)
const folder = require.resolve('@opentelemetry/otlp-transformer').replace(/index\.js$/, '')
const generated = require(`${folder}generated/root.js`)
const { trace, metrics, logs } = generated.opentelemetry.proto.collector

// biome-ignore lint/suspicious/noExplicitAny: decoded messages are compared with whole expected objects
export type Message = any

export function decodeTraces(bytes: Uint8Array): Message {
  return decode(trace.v1.ExportTraceServiceRequest, bytes)
}

export function decodeMetrics(bytes: Uint8Array): Message {
  return decode(metrics.v1.ExportMetricsServiceRequest, bytes)
}

export function decodeLogs(bytes: Uint8Array): Message {
  return decode(logs.v1.ExportLogsServiceRequest, bytes)
}

export function encodeTracesResponse(message: object): Uint8Array {
  return encode(trace.v1.ExportTraceServiceResponse, message)
}

export function encodeMetricsResponse(message: object): Uint8Array {
  return encode(metrics.v1.ExportMetricsServiceResponse, message)
}

export function encodeLogsResponse(message: object): Uint8Array {
  return encode(logs.v1.ExportLogsServiceResponse, message)
}

function encode(type: Message, message: object): Uint8Array {
  return type.encode(type.fromObject(message)).finish()
}

/** Plain objects; 64-bit numbers as text, ids as hex, as OTLP/JSON has them. */
function decode(type: Message, bytes: Uint8Array): Message {
  return withHexIds(type.toObject(type.decode(bytes), { longs: String, bytes: Buffer }))
}

function withHexIds(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value)) return value.map(withHexIds)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withHexIds(inner)]))
}

/** OTLP/JSON, with its NaN and infinities read back as numbers, to compare with decoded protobuf. */
export function parseJson(bytes: Uint8Array): Message {
  return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes), (key, value) =>
    typeof value === 'string' && DOUBLE_FIELDS.has(key) ? Number(value) : value,
  )
}

const DOUBLE_FIELDS = new Set(['doubleValue', 'asDouble', 'sum', 'value', 'quantile'])

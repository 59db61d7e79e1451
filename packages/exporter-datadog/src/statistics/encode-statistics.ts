import { Buffer } from 'node:buffer'
import { hostname } from 'node:os'
import type { Batch } from '@hashira/core'
import { encodedText, MsgpackWriter } from '../msgpack/msgpack-writer'
import { type Identity, RUNTIME_ID } from '../spans/identity'
import { VERSION } from '../version'
import { BUCKET_SECONDS, type Bucket } from './span-statistics'
import type { StatisticsGroup } from './statistics-group'

/** More than all fields of a group take that are neither text nor sketches. */
const FIXED_FIELDS = 512
/** At which a payload is closed: a sketch has 100 to 6,000 bytes, so thousands of groups are several payloads. */
const MAX_PAYLOAD_BYTES = 1024 * 1024
/** After so long the event loop gets its turn, if the payload is not full before. */
const TURN_MS = 3
const TRUE = 1
const FALSE = 2

const keys = new Map<string, Uint8Array>()

/** ClientStatsPayload of datadog-agent `stats.proto`, as MessagePack; `itemCount` counts groups. `undefined` where others should have a turn. */
export function* encodeStatistics(
  buckets: readonly Bucket[],
  identity: Identity,
  nextSequence: () => number,
): Generator<Batch | undefined, void, undefined> {
  for (const part of parts(buckets)) {
    if (part === undefined) {
      yield undefined
      continue
    }
    const writer = new MsgpackWriter(16_384)
    writeHead(writer, identity, nextSequence())
    key(writer, 'Stats')
    writer.reserve(5)
    writer.array(part.length)
    for (const bucket of part) writeBucket(writer, bucket)
    const itemCount = part.reduce((sum, { groups }) => sum + groups.length, 0)
    yield { bytes: writer.written(), itemCount }
  }
}

interface EncodedBucket {
  readonly startSeconds: number
  readonly groups: Uint8Array[]
}

/** Payload by payload, and `undefined` where others should have a turn. */
function* parts(buckets: readonly Bucket[]): Generator<EncodedBucket[] | undefined> {
  let turnEndsMs = performance.now() + TURN_MS
  let part: EncodedBucket[] = []
  let bytes = 0
  for (const { startSeconds, groups } of buckets) {
    let open: EncodedBucket = { startSeconds, groups: [] }
    for (const group of groups) {
      const encoded = encodeGroup(group)
      open.groups.push(encoded)
      bytes += encoded.length
      if (bytes < MAX_PAYLOAD_BYTES) {
        if (performance.now() < turnEndsMs) continue
        yield undefined
        turnEndsMs = performance.now() + TURN_MS
        continue
      }
      yield [...part, open]
      part = []
      bytes = 0
      open = { startSeconds, groups: [] }
    }
    if (open.groups.length > 0) part.push(open)
  }
  if (part.length > 0) yield part
}

function writeHead(writer: MsgpackWriter, { service, env, version }: Identity, sequence: number): void {
  writer.reserve(5)
  writer.map(9)
  textField(writer, 'Hostname', hostname())
  textField(writer, 'Env', env)
  textField(writer, 'Version', version)
  textField(writer, 'Service', service)
  textField(writer, 'Lang', 'javascript')
  textField(writer, 'TracerVersion', VERSION)
  textField(writer, 'RuntimeID', RUNTIME_ID)
  numberField(writer, 'Sequence', sequence)
}

function writeBucket(writer: MsgpackWriter, { startSeconds, groups }: EncodedBucket): void {
  writer.reserve(64)
  writer.map(3)
  key(writer, 'Start')
  writer.reserve(9)
  writer.nanoseconds(startSeconds, 0)
  numberField(writer, 'Duration', BUCKET_SECONDS * 1e9)
  key(writer, 'Stats')
  writer.reserve(5)
  writer.array(groups.length)
  for (const group of groups) writer.raw(group)
}

function encodeGroup(group: StatisticsGroup): Uint8Array {
  const writer = new MsgpackWriter(2048)
  const { key: of } = group
  writer.reserve(FIXED_FIELDS)
  writer.map(18)
  textField(writer, 'Service', of.service)
  textField(writer, 'Name', of.name)
  textField(writer, 'Resource', of.resource)
  numberField(writer, 'HTTPStatusCode', of.httpStatus)
  textField(writer, 'Type', of.type)
  numberField(writer, 'Hits', group.hits)
  numberField(writer, 'Errors', group.errors.count)
  numberField(writer, 'Duration', group.durationNanos)
  binaryField(writer, 'OkSummary', group.ok.encode())
  binaryField(writer, 'ErrorSummary', group.errors.encode())
  key(writer, 'Synthetics')
  writer.reserve(1)
  writer.byte(of.isSynthetics ? 0xc3 : 0xc2)
  numberField(writer, 'TopLevelHits', group.topLevelHits)
  textField(writer, 'SpanKind', of.kind)
  key(writer, 'PeerTags')
  writer.reserve(5)
  writer.array(of.peerTags.length)
  for (const tag of of.peerTags) writer.text(tag)
  numberField(writer, 'IsTraceRoot', of.isTraceRoot ? TRUE : FALSE)
  textField(writer, 'GRPCStatusCode', of.grpcStatus)
  textField(writer, 'HTTPMethod', of.httpMethod)
  textField(writer, 'HTTPEndpoint', of.httpEndpoint)
  return writer.written()
}

function key(writer: MsgpackWriter, name: string): void {
  let encoded = keys.get(name)
  if (encoded === undefined) {
    encoded = encodedText(name)
    keys.set(name, encoded)
  }
  writer.raw(encoded)
}

function textField(writer: MsgpackWriter, name: string, value: string): void {
  key(writer, name)
  writer.text(value)
}

function numberField(writer: MsgpackWriter, name: string, value: number): void {
  key(writer, name)
  writer.reserve(9)
  writer.uint(value)
}

function binaryField(writer: MsgpackWriter, name: string, value: Uint8Array): void {
  key(writer, name)
  writer.reserve(5)
  const head = Buffer.alloc(5)
  head[0] = 0xc6
  head.writeUInt32BE(value.length, 1)
  writer.raw(head)
  writer.raw(value)
}

import { Buffer } from 'node:buffer'

export interface PartialSuccess {
  /** Spans, data points or log records that the backend refused; 0 with a message is a warning of the backend. */
  readonly itemCount: number
  readonly message: string
}

/**
 * What a backend says in the body of a 200 response: `partial_success` of Export*ServiceResponse, in protobuf or JSON.
 * `undefined` when everything was taken, or when the body is none of the two. Never throws.
 */
export function readPartialSuccess(body: Uint8Array): PartialSuccess | undefined {
  // JSON begins with a brace or white space, neither of which is a whole protobuf field.
  return attempt(fromProtobuf, body) ?? attempt(fromJson, body)
}

function attempt(
  read: (body: Uint8Array) => PartialSuccess | undefined,
  body: Uint8Array,
): PartialSuccess | undefined {
  try {
    return read(body)
  } catch {
    return undefined
  }
}

function fromJson(body: Uint8Array): PartialSuccess | undefined {
  const { partialSuccess } = JSON.parse(Buffer.from(body).toString('utf8')) as {
    partialSuccess?: Record<string, unknown>
  }
  if (partialSuccess === undefined || partialSuccess === null) return undefined
  const { rejectedSpans, rejectedDataPoints, rejectedLogRecords, errorMessage } = partialSuccess
  return found(Number(rejectedSpans ?? rejectedDataPoints ?? rejectedLogRecords ?? 0), errorMessage)
}

function fromProtobuf(body: Uint8Array): PartialSuccess | undefined {
  let partial: Uint8Array | undefined
  readFields(body, (field, value) => {
    if (field === 1 && typeof value !== 'number') partial = value
  })
  if (partial === undefined) return undefined
  let rejected = 0
  let message: Uint8Array | undefined
  readFields(partial, (field, value) => {
    if (field === 1 && typeof value === 'number') rejected = value
    if (field === 2 && typeof value !== 'number') message = value
  })
  return found(rejected, message === undefined ? '' : Buffer.from(message).toString('utf8'))
}

function found(rejected: number, message: unknown): PartialSuccess | undefined {
  const itemCount = Number.isSafeInteger(rejected) && rejected > 0 ? rejected : 0
  const text = typeof message === 'string' ? message : ''
  return itemCount === 0 && text === '' ? undefined : { itemCount, message: text }
}

/** One for all: most answers of a proxy are no protobuf, and a stack for each costs a busy server 60 µs a batch. */
const MALFORMED = new RangeError('malformed protobuf')

/** Calls `onField` for varint and length-delimited fields; the fixed ones are passed over. Throws for malformed bytes. */
function readFields(bytes: Uint8Array, onField: (field: number, value: number | Uint8Array) => void): void {
  let at = 0
  const varint = (): number => {
    for (let value = 0, factor = 1; ; factor *= 0x80) {
      const byte = bytes[at++]
      if (byte === undefined) throw MALFORMED
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }
  while (at < bytes.length) {
    const tag = varint()
    const field = Math.floor(tag / 8)
    const wireType = tag % 8
    if (wireType === 0) onField(field, varint())
    else if (wireType === 1) at += 8
    else if (wireType === 5) at += 4
    else if (wireType === 2) {
      const length = varint()
      if (at + length > bytes.length) throw MALFORMED
      onField(field, bytes.subarray(at, at + length))
      at += length
    } else throw MALFORMED
  }
}

// The formats of OpenTracing, by the values of its constants.
const TEXT_FORMATS: ReadonlySet<string> = new Set(['text_map', 'http_headers'])
const BINARY_FORMAT = 'binary'
/** More is nothing that we wrote. */
const MAX_BINARY_BYTES = 16_384

type Headers = Readonly<Record<string, string>>

/** Binary carriers hold the same headers, as JSON in UTF-8. */
export function writeCarrier(format: string, carrier: unknown, headers: Headers): void {
  if (typeof carrier !== 'object' || carrier === null) return
  if (TEXT_FORMATS.has(format)) Object.assign(carrier, headers)
  else if (format === BINARY_FORMAT)
    (carrier as { buffer: unknown }).buffer = new TextEncoder().encode(JSON.stringify(headers))
}

/** Lower-case names; `undefined` where there is nothing to read. */
export function readCarrier(format: string, carrier: unknown): Record<string, string> | undefined {
  if (typeof carrier !== 'object' || carrier === null) return undefined
  if (TEXT_FORMATS.has(format)) return lowerCased(carrier)
  if (format !== BINARY_FORMAT) return undefined
  const bytes = bytesOf((carrier as { buffer?: unknown }).buffer)
  if (bytes === undefined || bytes.length > MAX_BINARY_BYTES) return undefined
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return typeof parsed === 'object' && parsed !== null ? lowerCased(parsed) : undefined
  } catch {
    // Another tracer's bytes.
    return undefined
  }
}

function lowerCased(carrier: object): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(carrier)) {
    const first: unknown = Array.isArray(value) ? value[0] : value
    if (typeof first === 'string') headers[name.toLowerCase()] = first
  }
  return headers
}

/** An array, an ArrayBuffer or a typed array. */
function bytesOf(buffer: unknown): Uint8Array | undefined {
  if (buffer instanceof ArrayBuffer) return new Uint8Array(buffer)
  if (ArrayBuffer.isView(buffer)) return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
  return Array.isArray(buffer) ? Uint8Array.from(buffer as number[]) : undefined
}

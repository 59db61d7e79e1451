const PERCENT = 0x25

/** W3C Baggage's `baggage-octet`: printable ASCII but space, `"`, `,`, `;` and `\`. */
const OCTET = new Uint8Array(256).fill(1, 0x21, 0x7f)
for (const character of '",;\\') OCTET[character.charCodeAt(0)] = 0

/** Nothing but baggage octets, `%` included. */
export function isEncoded(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (OCTET[text.charCodeAt(i)] !== 1) return false
  return true
}

/** Bytes that are not UTF-8 become U+FFFD; a `%` without two hex digits stays, and so does `+`. */
export function percentDecode(text: string): string {
  if (!text.includes('%')) return text
  const bytes = Buffer.allocUnsafe(text.length)
  let length = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const byte = code === PERCENT ? hexByte(text, i + 1) : -1
    bytes[length++] = byte < 0 ? code : byte
    if (byte >= 0) i += 2
  }
  return bytes.toString('utf8', 0, length)
}

/** Encodes only what must be encoded, so that what was received is not sent longer. Lone surrogates become U+FFFD. */
export function percentEncode(text: string): string {
  if (isEncoded(text) && !text.includes('%')) return text
  let encoded = ''
  for (const byte of Buffer.from(text, 'utf8')) {
    if (OCTET[byte] === 1 && byte !== PERCENT) encoded += String.fromCharCode(byte)
    else encoded += byte < 16 ? `%0${byte.toString(16).toUpperCase()}` : `%${byte.toString(16).toUpperCase()}`
  }
  return encoded
}

function hexByte(text: string, at: number): number {
  const high = hexDigit(text.charCodeAt(at))
  const low = hexDigit(text.charCodeAt(at + 1))
  return high < 0 || low < 0 ? -1 : high * 16 + low
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

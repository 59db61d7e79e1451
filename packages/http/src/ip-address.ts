const MAPPED_DOTTED = /^::ffff:(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})$/i
const MAPPED_HEX = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i

/**
 * The IPv4 address that an IPv6 address stands for: `::ffff:10.0.0.1`, as a server that listens on both sees its peers, or
 * `::ffff:a00:1`, as a URL writes it. Any other address stays, without its zone.
 */
export function plainAddress(address: string): string {
  const zone = address.indexOf('%')
  const plain = zone < 0 ? address : address.slice(0, zone)
  const dotted = MAPPED_DOTTED.exec(plain)
  if (dotted !== null) return dotted[1]!
  const hex = MAPPED_HEX.exec(plain)
  if (hex === null) return plain
  const high = Number.parseInt(hex[1]!, 16)
  const low = Number.parseInt(hex[2]!, 16)
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
}

import { isIPv4, isIPv6 } from 'node:net'

/** The 4 or 16 bytes of an address; none for a text that is no address. */
export function ipBytes(address: string): number[] {
  if (isIPv4(address)) return address.split('.').map(Number)
  // A zone (`%eth0`) names a link of this machine, which nobody else knows.
  const [text = ''] = address.split('%')
  if (!isIPv6(text)) return []
  const [front = '', back] = withHexTail(text).split('::')
  const groups = (part: string) =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  const before = groups(front)
  const after = groups(back ?? '')
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0)
  return [...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff])
}

/** `::ffff:1.2.3.4` as `::ffff:102:304`. */
function withHexTail(text: string): string {
  const dotted = /\d+\.\d+\.\d+\.\d+$/.exec(text)?.[0]
  if (dotted === undefined) return text
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number)
  const hex = (high: number, low: number) => ((high << 8) | low).toString(16)
  return `${text.slice(0, -dotted.length)}${hex(a, b)}:${hex(c, d)}`
}

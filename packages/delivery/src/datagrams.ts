/** One datagram of a batch. */
export interface Datagram {
  readonly bytes: Uint8Array
  readonly itemCount: number
}

/** What an exporter's `split` made of a batch; bytes alone hold one item. Throws for what is none of both. */
export function datagramsOf(split: Iterable<Uint8Array | Datagram>): Datagram[] {
  return Array.from(split, (part) => {
    const datagram = ArrayBuffer.isView(part) ? { bytes: part as Uint8Array, itemCount: 1 } : part
    if (!ArrayBuffer.isView(datagram?.bytes)) throw new TypeError('split() returned what is no datagram')
    return datagram
  })
}

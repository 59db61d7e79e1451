import fs from 'node:fs'
import { promisify } from 'node:util'
import {
  DONE,
  encodeHeader,
  encodeRecordHead,
  HEADER_BYTES,
  isHeaderOf,
  isIntact,
  RECORD_HEAD_BYTES,
  type RecordHead,
  readRecordHead,
  STATE_OFFSET,
} from './spool-format'

// By number, not as FileHandle: the exit of the process needs the same file synchronously.
const openFile = promisify(fs.open)
const closeFile = promisify(fs.close)
const readFile = promisify(fs.read)
const writeFile = promisify(fs.writev)
const unlinkFile = promisify(fs.unlink)
const fileStat = promisify(fs.fstat)

const PRIVATE = 0o600
const HEAD_WINDOW_BYTES = 16 * 1024

/** Where a record is. */
export interface SpoolPlace {
  readonly segment: SpoolSegment
  readonly offset: number
  readonly head: Pick<RecordHead, 'length' | 'checksum'>
}

export interface FoundRecord {
  readonly place: SpoolPlace
  readonly items: number
}

/** One file of the spool. Its methods reject with the error of the file system; only one writes at a time. */
export class SpoolSegment {
  readonly path: string
  /** Records that wait. */
  live = 0
  size: number
  readonly #fd: number

  private constructor(path: string, fd: number, size: number) {
    this.path = path
    this.#fd = fd
    this.size = size
  }

  static async create(path: string, fingerprint: Uint8Array): Promise<SpoolSegment> {
    const segment = new SpoolSegment(path, await openFile(path, 'wx+', PRIVATE), 0)
    try {
      await segment.#append([encodeHeader(fingerprint)])
      return segment
    } catch (error) {
      // A full disk is asked again every few seconds: each time a descriptor and an empty file would stay.
      await segment.remove()
      throw error
    }
  }

  static createSync(path: string, fingerprint: Uint8Array): SpoolSegment {
    const segment = new SpoolSegment(path, fs.openSync(path, 'wx+', PRIVATE), 0)
    try {
      segment.#appendSync([encodeHeader(fingerprint)])
      return segment
    } catch (error) {
      fs.unlinkSync(path)
      fs.closeSync(segment.#fd)
      throw error
    }
  }

  /** One that another process left. */
  static async open(path: string): Promise<SpoolSegment> {
    const fd = await openFile(path, fs.constants.O_RDWR | (fs.constants.O_NOFOLLOW ?? 0))
    return new SpoolSegment(path, fd, (await fileStat(fd)).size)
  }

  async append(bytes: Uint8Array, items: number): Promise<SpoolPlace> {
    const place = this.#placeOf(bytes, items)
    await this.#append([place.head, bytes])
    this.live++
    return place.place
  }

  appendSync(bytes: Uint8Array, items: number): SpoolPlace {
    const place = this.#placeOf(bytes, items)
    this.#appendSync([place.head, bytes])
    this.live++
    return place.place
  }

  /** Every record that waits, by its head; `torn` when what follows the last whole one is something else. */
  async records(fingerprint: Uint8Array): Promise<{ records: FoundRecord[]; torn: boolean }> {
    if (!isHeaderOf(fingerprint, await this.#read(0, HEADER_BYTES))) return { records: [], torn: true }
    const records: FoundRecord[] = []
    let offset = HEADER_BYTES
    const heads = new HeadReader((from, length) => this.#read(from, length))
    while (offset < this.size) {
      const head = readRecordHead(await heads.read(offset))
      const end = offset + RECORD_HEAD_BYTES + (head?.length ?? 0)
      if (head === undefined || end > this.size) break
      if (!head.done) records.push({ place: { segment: this, offset, head }, items: head.items })
      offset = end
    }
    this.live = records.length
    return { records, torn: offset !== this.size }
  }

  /** `undefined` when the bytes are not those that were written. */
  async read({ offset, head }: SpoolPlace): Promise<Uint8Array | undefined> {
    const bytes = await this.#read(offset + RECORD_HEAD_BYTES, head.length)
    return isIntact(bytes, head) ? bytes : undefined
  }

  async markDone({ offset }: SpoolPlace): Promise<void> {
    await writeFile(this.#fd, [DONE], offset + STATE_OFFSET)
  }

  markDoneSync({ offset }: SpoolPlace): void {
    fs.writevSync(this.#fd, [DONE], offset + STATE_OFFSET)
  }

  async close(): Promise<void> {
    await closeFile(this.#fd)
  }

  async remove(): Promise<void> {
    try {
      await unlinkFile(this.path)
    } finally {
      await this.close()
    }
  }

  #placeOf(bytes: Uint8Array, items: number): { head: Buffer; place: SpoolPlace } {
    const head = encodeRecordHead(bytes, items)
    return { head, place: { segment: this, offset: this.size, head: readRecordHead(head)! } }
  }

  // At a position of its own: what a failed write left is written over by the next one.
  async #append(parts: readonly Uint8Array[]): Promise<void> {
    const length = lengthOf(parts)
    const { bytesWritten } = await writeFile(this.#fd, parts, this.size)
    if (bytesWritten < length) throw cutShort()
    this.size += length
  }

  #appendSync(parts: readonly Uint8Array[]): void {
    const length = lengthOf(parts)
    if (fs.writevSync(this.#fd, parts, this.size) < length) throw cutShort()
    this.size += length
  }

  async #read(offset: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, this.size - offset)))
    const { bytesRead } = await readFile(this.#fd, bytes, 0, bytes.length, offset)
    return bytes.subarray(0, bytesRead)
  }
}

/** A segment may hold thousands of small records: one read brings many heads. */
class HeadReader {
  readonly #readAt: (offset: number, length: number) => Promise<Buffer>
  #window: Buffer = Buffer.alloc(0)
  #from = 0

  constructor(readAt: (offset: number, length: number) => Promise<Buffer>) {
    this.#readAt = readAt
  }

  async read(offset: number): Promise<Buffer> {
    const end = offset + RECORD_HEAD_BYTES
    if (offset < this.#from || end > this.#from + this.#window.length) {
      this.#window = await this.#readAt(offset, HEAD_WINDOW_BYTES)
      this.#from = offset
    }
    return this.#window.subarray(offset - this.#from, end - this.#from)
  }
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { byteLength }) => sum + byteLength, 0)
}

/** The system takes less than it was given when the disk is full. */
function cutShort(): Error {
  return Object.assign(new Error('the disk took only a part'), { code: 'ENOSPC' })
}

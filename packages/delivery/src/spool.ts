import { promises as files } from 'node:fs'
import { join } from 'node:path'
import { countFault } from '@hashira/core'
import { repeat } from './repeat'
import { removeIfExpired } from './spool-expiry'
import { bytesIn, bytesInSync, ensurePrivate, folderIn, segmentsIn } from './spool-folder'
import { parseSegmentName, type SegmentName, segmentName } from './spool-names'
import { isAlive, newOwner, releaseOwner, TOUCH_MS } from './spool-owner'
import { type SpoolPlace, SpoolSegment } from './spool-segment'

export interface SpoolOptions {
  /** An absolute path. Made when it is wanted, with a folder in it that is private to the user. */
  readonly dir: string
  /** For everything in the folder, of all processes; default 256 MiB. May be exceeded by a segment (a 16th of it) per pipeline. */
  readonly maxBytes?: number | undefined
}

export type OnFound = (place: SpoolPlace, items: number) => void

const DEFAULT_MAX_BYTES = 256 * 1024 * 1024
const MAX_SEGMENT_BYTES = 8 * 1024 * 1024

/**
 * The segments of one exporter, signal and destination. Everything asynchronous happens one step after the other, so that no
 * file is written, read and removed at once; what ends in `Sync` is for the exit of the process.
 */
export class Spool {
  /** Segments of earlier runs that were not whole: the process was killed while it wrote, or the disk is at fault. */
  torn = 0
  readonly #fingerprint: Buffer
  readonly #folder: string
  readonly #maxBytes: number
  readonly #segmentBytes: number
  readonly #owner = newOwner()
  readonly #segments = new Set<SpoolSegment>()
  #current: SpoolSegment | undefined
  #atExit: SpoolSegment | undefined
  #roomAtExit: number | undefined
  #numbers = 0
  #steps: Promise<unknown> = Promise.resolve()
  #done: SpoolPlace[] = []
  #closed = false
  #stopLooking = () => {}

  constructor({ dir, maxBytes = DEFAULT_MAX_BYTES }: SpoolOptions, fingerprint: Buffer) {
    this.#fingerprint = fingerprint
    this.#folder = folderIn(dir)
    this.#maxBytes = maxBytes
    this.#segmentBytes = Math.min(MAX_SEGMENT_BYTES, Math.max(4_096, Math.floor(maxBytes / 16)))
  }

  /** On disk, of this spool. */
  get bytes(): number {
    let bytes = 0
    for (const { size } of this.#segments) bytes += size
    return bytes
  }

  /**
   * Takes over what nobody owns any more, now and every 15 s, when it also touches what it owns itself. Resolves after the first
   * look; never rejects.
   */
  start(onFound: OnFound): Promise<void> {
    return new Promise((resolve) => {
      const look = () => this.#step(() => this.#look(onFound)).finally(resolve)
      this.#stopLooking = repeat(look, () => TOUCH_MS, 'spool_look')
    })
  }

  /** Rejects with the error of the file system; `ENOSPC` also over the bound. */
  write(bytes: Uint8Array, items: number): Promise<SpoolPlace> {
    return this.#step(async () => {
      const segment = await this.#segmentFor(bytes.byteLength)
      return segment.append(bytes, items)
    })
  }

  /** In a segment of its own: what was just being written may be only half there. Throws as {@link write} rejects. */
  writeSync(bytes: Uint8Array, items: number): SpoolPlace {
    ensurePrivate(this.#folder)
    this.#roomAtExit ??= this.#maxBytes - bytesInSync(this.#folder)
    requireRoom(bytes.byteLength, this.#roomAtExit)
    this.#atExit ??= this.#add(SpoolSegment.createSync(this.#nextPath(), this.#fingerprint))
    const place = this.#atExit.appendSync(bytes, items)
    this.#roomAtExit -= bytes.byteLength
    return place
  }

  /** Resolves to `undefined` when the bytes are not those that were written. */
  read(place: SpoolPlace): Promise<Uint8Array | undefined> {
    return this.#step(() => place.segment.read(place))
  }

  /** The record need not be delivered any more. */
  done(place: SpoolPlace): void {
    this.#done.push(place)
    if (this.#done.length === 1) this.#step(() => this.#drain()).catch(() => countFault('spool_done'))
  }

  /** What is left stays for whoever looks next. Never rejects. */
  async close(): Promise<void> {
    this.#closed = true
    this.#stopLooking()
    await this.#step(() => this.#drain(), true).catch(() => countFault('spool_done'))
    await this.#step(() => this.#release(), true).catch(() => countFault('spool_close'))
  }

  closeSync(): void {
    try {
      for (const place of this.#done.splice(0)) place.segment.markDoneSync(place)
    } catch {
      countFault('spool_done')
    }
    void this.close()
  }

  #step<T>(work: () => Promise<T>, last = false): Promise<T> {
    const step = this.#steps.then(() => {
      if (this.#closed && !last) throw new Error('the spool is closed')
      return work()
    })
    this.#steps = step.catch(() => {})
    return step
  }

  async #segmentFor(bytes: number): Promise<SpoolSegment> {
    if (this.#current !== undefined && this.#current.size + bytes <= this.#segmentBytes) return this.#current
    ensurePrivate(this.#folder)
    requireRoom((await bytesIn(this.#folder)) + Math.max(bytes, this.#segmentBytes), this.#maxBytes)
    this.#current = this.#add(await SpoolSegment.create(this.#nextPath(), this.#fingerprint))
    return this.#current
  }

  #nextPath(): string {
    return join(this.#folder, segmentName(this.#fingerprint, this.#owner, ++this.#numbers))
  }

  #add(segment: SpoolSegment): SpoolSegment {
    this.#segments.add(segment)
    return segment
  }

  async #drain(): Promise<void> {
    for (let place = this.#done[0]; place !== undefined; place = this.#done[0]) {
      this.#done.shift()
      try {
        await this.#finish(place)
      } catch {
        // It may be delivered once more.
        countFault('spool_done')
      }
    }
  }

  async #finish(place: SpoolPlace): Promise<void> {
    const { segment } = place
    if (--segment.live > 0) await segment.markDone(place)
    else await this.#remove(segment)
  }

  async #remove(segment: SpoolSegment): Promise<void> {
    this.#segments.delete(segment)
    if (this.#current === segment) this.#current = undefined
    await segment.remove()
  }

  async #look(onFound: OnFound): Promise<void> {
    for (const { path } of this.#segments) await unlessGone(touch(path))
    const wanted = this.#fingerprint.toString('hex')
    const names = (await segmentsIn(this.#folder)).flatMap((name) => parseSegmentName(name) ?? [])
    for (const segment of names.sort(inOrder)) {
      if (segment.owner.token === this.#owner.token) continue
      const path = join(this.#folder, segment.name)
      const own = segment.fingerprint === wanted
      await unlessGone(own ? this.#takeOver(path, segment, onFound) : this.#expire(path, segment))
    }
  }

  async #expire(path: string, name: SegmentName): Promise<void> {
    await removeIfExpired(path, name, (await files.stat(path)).mtimeMs)
  }

  async #takeOver(path: string, { owner }: SegmentName, onFound: OnFound): Promise<void> {
    if (isAlive(owner, (await files.stat(path)).mtimeMs)) return
    // First, so that nobody takes it for abandoned under its new name.
    await touch(path)
    const ownPath = this.#nextPath()
    await files.rename(path, ownPath)
    const segment = this.#add(await SpoolSegment.open(ownPath))
    const { records, torn } = await segment.records(this.#fingerprint)
    if (torn) {
      this.torn++
      countFault('spool_torn')
    }
    if (records.length === 0) await this.#remove(segment)
    for (const { place, items } of records) onFound(place, items)
  }

  async #release(): Promise<void> {
    for (const segment of this.#segments) await segment.close()
    this.#segments.clear()
    releaseOwner(this.#owner)
  }
}

async function touch(path: string): Promise<void> {
  const now = new Date()
  await files.utimes(path, now, now)
}

/** Another process may be faster; anything else with one file is counted, and the others are looked at all the same. */
async function unlessGone(work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') countFault('spool_look')
  }
}

/** Those of one owner as they were written. */
function inOrder(a: SegmentName, b: SegmentName): number {
  if (a.owner.token === b.owner.token) return a.number - b.number
  return a.name < b.name ? -1 : 1
}

function requireRoom(bytes: number, maxBytes: number): void {
  if (bytes > maxBytes) throw Object.assign(new Error('the spool is full'), { code: 'ENOSPC' })
}

/** Why a batch is not on disk, as a reason for the account. */
export function spoolReason(error: unknown): 'spool_full' | 'spool_error' {
  const { code } = (error ?? {}) as NodeJS.ErrnoException
  return code === 'ENOSPC' || code === 'EDQUOT' ? 'spool_full' : 'spool_error'
}

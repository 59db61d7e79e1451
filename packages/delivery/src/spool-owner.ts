import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { threadId } from 'node:worker_threads'
import { shared } from '@hashira/core'

/** A segment that its owner has not touched for so long belongs to nobody, where nobody can be asked. */
export const ABANDONED_AFTER_MS = 60_000
/** How often an owner touches its segments. */
export const TOUCH_MS = 15_000

/** Who writes a segment; it is in the file's name, which thereby tells nothing about what is in it. */
export interface SpoolOwner {
  /** A hash of the machine, its start and the process namespace: where a process id means something. */
  readonly place: string
  readonly pid: number
  /** When the process started, in ticks: a process id comes again. `0` where the system does not tell. */
  readonly started: string
  readonly thread: number
  readonly token: string
}

/** Tokens of the spools that are open in this thread, whichever copy of Hashira opened them. */
const open = shared<Set<string>>('delivery.spools', () => new Set())

export function newOwner(): SpoolOwner {
  const token = randomBytes(4).toString('hex')
  open.add(token)
  return { place: place(), pid: process.pid, started: startOf(process.pid) ?? '0', thread: threadId, token }
}

/** From now on others may take what it owns. */
export function releaseOwner({ token }: SpoolOwner): void {
  open.delete(token)
}

/** @param touchedUnixMs when the segment was changed last */
export function isAlive(owner: SpoolOwner, touchedUnixMs: number): boolean {
  const touched = Date.now() - touchedUnixMs < ABANDONED_AFTER_MS
  // Another container or machine that shares the folder: its process ids say nothing here.
  if (owner.place !== place()) return touched
  if (owner.pid !== process.pid) return isRunning(owner)
  const started = startOf(process.pid) ?? '0'
  // The same id again, as in a container that was restarted.
  if (owner.started !== started && owner.started !== '0') return false
  return owner.thread === threadId ? open.has(owner.token) : touched
}

function isRunning({ pid, started }: SpoolOwner): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  const now = startOf(pid)
  return now === undefined || started === '0' || now === started
}

let ownPlace: string | undefined

function place(): string {
  if (ownPlace === undefined) {
    const parts = [
      hostname(),
      attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
      attempt(() => readlinkSync('/proc/self/ns/pid')),
    ]
    ownPlace = createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 8)
  }
  return ownPlace
}

/** proc(5): field 22 of `stat`, counted behind the name in brackets, which may hold anything. */
function startOf(pid: number): string | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

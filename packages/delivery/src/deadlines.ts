import { idleTimer } from './detached'

/** Something that ends, or begins, at a time. */
export interface Deadline {
  /** By `performance.now()`, a number. Does not change while it is added. */
  readonly atMs: number
  pass(): void
}

const deadlines = new Set<Deadline>()
let timer: NodeJS.Timeout | undefined
let timerAtMs = Number.POSITIVE_INFINITY

/**
 * Calls `pass` at its time, once, outside of any request, unless it is removed before; never keeps the process alive. All share
 * one timer, which stays as it is when a deadline is removed: most are, and a timer for each, set and cleared, costs a busy
 * server 22 µs (Node 24), of which a batch had three.
 */
export function addDeadline(deadline: Deadline): void {
  deadlines.add(deadline)
  if (deadline.atMs < timerAtMs) setTimer(deadline.atMs)
}

export function removeDeadline(deadline: Deadline): void {
  deadlines.delete(deadline)
}

function setTimer(atMs: number): void {
  clearTimeout(timer)
  timerAtMs = atMs
  timer = idleTimer(Math.ceil(atMs - performance.now()), onTimer)
}

// One at a time: what the first brings about may remove the next.
function onTimer(): void {
  timerAtMs = Number.POSITIVE_INFINITY
  const first = earliest()
  const isDue = first !== undefined && first.atMs <= performance.now()
  if (isDue) deadlines.delete(first)
  const next = isDue ? earliest() : first
  if (next !== undefined) setTimer(next.atMs)
  if (isDue) first.pass()
}

function earliest(): Deadline | undefined {
  let found: Deadline | undefined
  for (const deadline of deadlines) if (found === undefined || deadline.atMs < found.atMs) found = deadline
  return found
}

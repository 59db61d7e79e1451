import { offAbort, onAbort } from './abort-source'
import { addDeadline, type Deadline, removeDeadline } from './deadlines'
import { clampDelay } from './detached'

/** How long one `send` may take: until `timeoutMs` are over or the outer signal fires. Tells one listener, once. */
export class TimeLimit implements Deadline {
  readonly atMs: number
  #isOver = false
  #listener: (() => void) | undefined
  #controller: AbortController | undefined
  readonly #abort: AbortSignal | undefined
  readonly #stop = () => this.pass()

  constructor(timeoutMs: number, abort?: AbortSignal) {
    this.atMs = performance.now() + clampDelay(timeoutMs)
    this.#abort = abort
    addDeadline(this)
    if (abort === undefined) return
    onAbort(abort, this.#stop)
    if (abort.aborted) this.pass()
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Made when asked for: most requests need none. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#isOver) this.#controller.abort()
    return this.#controller.signal
  }

  /** Who is told, in place of whoever was before; `undefined`: nobody. Not told of what is over already. */
  listen(listener: (() => void) | undefined): void {
    this.#listener = listener
  }

  /** Nobody is told any more. */
  end(): void {
    removeDeadline(this)
    if (this.#abort !== undefined) offAbort(this.#abort, this.#stop)
    this.#listener = undefined
  }

  /** It is over. */
  pass(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#listener?.()
    this.#controller?.abort()
  }
}

/** What `work` resolves to; rejects with `ETIMEDOUT` when `signal` fires before. */
export async function beforeAbort<T>(work: Promise<T>, signal: AbortSignal, what: string): Promise<T> {
  let stop = () => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(timeoutError(`${what} in time`))
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

export function timeoutError(text: string): Error {
  return Object.assign(new Error(text), { code: 'ETIMEDOUT' })
}

import { idleTimer } from './detached'

/** How long one `send` may take: until `timeoutMs` are over or the outer signal fires. Tells one listener, once. */
export class TimeLimit {
  #isOver = false
  #listener: (() => void) | undefined
  #controller: AbortController | undefined
  readonly #timer: NodeJS.Timeout
  readonly #abort: AbortSignal
  readonly #stop = () => this.#pass()

  constructor(timeoutMs: number, abort: AbortSignal) {
    this.#abort = abort
    this.#timer = idleTimer(timeoutMs, this.#stop)
    abort.addEventListener('abort', this.#stop)
    if (abort.aborted) this.#pass()
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Made when asked for: most requests need none, and it costs more than all the rest of this. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#isOver) this.#controller.abort()
    return this.#controller.signal
  }

  /** Who is told, in place of whoever was before; `undefined`: nobody. Not told of what is over already. */
  listen(listener: (() => void) | undefined): void {
    this.#listener = listener
  }

  /** Frees the timer; nobody is told any more. */
  end(): void {
    clearTimeout(this.#timer)
    this.#abort.removeEventListener('abort', this.#stop)
    this.#listener = undefined
  }

  #pass(): void {
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

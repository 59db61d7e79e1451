/**
 * A measurement over the last 30 to 60 seconds, the same for every reader.
 *
 * A value since the last read would be spoilt by a second reader, one since the start says nothing after a day. So two
 * measurements run, each begun anew every 60 s and half a turn apart; readers get the older one.
 */
export class RollingWindow<T> {
  readonly #begin: () => T
  readonly #end: (measurement: T) => void
  readonly #timer: NodeJS.Timeout
  #older: T
  #newer: T

  /** @param halfMs half the longest window; the timer does not keep the process alive */
  constructor(begin: () => T, end: (measurement: T) => void = () => {}, halfMs = 30_000) {
    this.#begin = begin
    this.#end = end
    this.#older = begin()
    this.#newer = begin()
    this.#timer = setInterval(() => this.#turn(), halfMs).unref()
  }

  get current(): T {
    return this.#older
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#end(this.#older)
    this.#end(this.#newer)
  }

  #turn(): void {
    this.#end(this.#older)
    this.#older = this.#newer
    this.#newer = this.#begin()
  }
}

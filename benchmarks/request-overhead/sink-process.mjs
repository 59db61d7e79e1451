import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** The process that plays collector and agent. */
export class SinkProcess {
  // Forked from a pinned process, it stays on the client's core.
  #child = fork(fileURLToPath(new URL('./sink.mjs', import.meta.url)))

  /** Opens a port for one variant. */
  async open(name) {
    return `http://127.0.0.1:${await this.#ask(name)}`
  }

  /** Totals so far of one variant. */
  async counts(name) {
    return (await this.#ask('counts'))[name]
  }

  stop() {
    this.#child.kill()
  }

  async #ask(message) {
    this.#child.send(message)
    const [answer] = await once(this.#child, 'message')
    return answer
  }
}

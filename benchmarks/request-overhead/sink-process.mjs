import { fork } from 'node:child_process'
import { on } from 'node:events'
import { fileURLToPath } from 'node:url'

/** The process that plays collector and agent. */
export class SinkProcess {
  // Forked from a pinned process, it stays on the client's core.
  #child = fork(fileURLToPath(new URL('./sink.mjs', import.meta.url)))
  #asked = 0

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

  /** Answers carry the number of their question, because several variants may ask at once. */
  async #ask(ask) {
    const id = this.#asked++
    this.#child.send({ id, ask })
    for await (const [message] of on(this.#child, 'message')) if (message.id === id) return message.answer
  }
}

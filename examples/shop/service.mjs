import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A service of the shop in a process of its own, with the log lines that it wrote. */
export class Service {
  #child
  #stderr = ''
  lines = []

  constructor(file, env) {
    this.#child = fork(fileURLToPath(new URL(file, import.meta.url)), {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#stderr += text
    })
    this.#collectLines(this.#child.stdout.setEncoding('utf8'))
  }

  /** What the service printed for people: the start line of Hashira, warnings. */
  get notes() {
    return this.#stderr.split('\n').filter((line) => line.startsWith('hashira:'))
  }

  async ready() {
    const ended = once(this.#child, 'exit').then(([code]) => {
      throw new Error(`${this.#child.spawnfile} ended with ${code}:\n${this.#stderr}`)
    })
    await Promise.race([once(this.#child, 'message'), ended])
    ended.catch(() => {})
  }

  /** SIGTERM: the service closes by itself, and Hashira sends what it still has. */
  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    const force = setTimeout(() => this.#child.kill('SIGKILL'), 10_000)
    await exit
    clearTimeout(force)
  }

  #collectLines(stdout) {
    let rest = ''
    stdout.on('data', (text) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop()
      for (const line of lines) if (line.startsWith('{')) this.lines.push(JSON.parse(line))
    })
  }
}

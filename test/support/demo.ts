import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const file = join(import.meta.dirname, '..', '..', 'examples', 'shop', 'demo.mjs')

/** The demo in a process of its own, as `npm run demo` starts it. */
export class Demo {
  readonly #child: ChildProcess
  readonly #exit: Promise<unknown[]>
  stdout = ''
  stderr = ''

  constructor(args: readonly string[], env: Record<string, string> = {}) {
    const inherited = Object.entries(process.env).filter(([name]) => !/^(OTEL|HASHIRA)_/.test(name))
    this.#child = spawn(process.execPath, [file, ...args], {
      env: { ...Object.fromEntries(inherited), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#exit = once(this.#child, 'close')
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
    })
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
  }

  /** Resolves when the demo has printed its report and goes on serving; rejects when it ends before. */
  async open(): Promise<void> {
    const ended = this.#exit.then(() => {
      throw new Error(`the demo ended:\n${this.stdout}\n${this.stderr}`)
    })
    ended.catch(() => {})
    while (!this.stdout.includes('The shop is open')) {
      await Promise.race([once(this.#child.stdout!, 'data'), ended])
    }
  }

  /** The addresses that the report names. */
  get metricsUrls(): string[] {
    return [...this.stdout.matchAll(/metrics of \w+ +(\S+)/g)].map(([, url]) => url!)
  }

  async ended(): Promise<number | null> {
    const [code] = (await this.#exit) as [number | null]
    return code
  }

  async close(): Promise<number | null> {
    this.#child.kill('SIGINT')
    return this.ended()
  }
}

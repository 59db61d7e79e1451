import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Status } from 'hashira'

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderr: string
  /** From the child's stdout, by their first word. */
  readonly said: Readonly<Record<string, unknown>>
}

/** A child process that says things as `WORD json` lines. */
export class ChildApp {
  readonly #child: ChildProcess
  readonly #exit: Promise<unknown[]>
  readonly #said: Record<string, unknown> = {}
  readonly #listeners = new Map<string, (value: unknown) => void>()
  #stderr = ''
  #rest = ''

  constructor(file: string, env: Record<string, string>) {
    const { HASHIRA_PARENT_PID: _, ...inherited } = process.env
    this.#child = spawn(process.execPath, [join(import.meta.dirname, '..', file)], {
      env: { ...inherited, HASHIRA_QUIET: 'true', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#exit = once(this.#child, 'close')
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => this.#read(text))
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** Resolves to what the child says with `word`. */
  async said(word: string): Promise<unknown> {
    if (word in this.#said) return this.#said[word]
    const ended = this.#exit.then(() => {
      throw new Error(`the child ended without saying ${word}:\n${this.#stderr}`)
    })
    ended.catch(() => {})
    return Promise.race([new Promise((resolve) => this.#listeners.set(word, resolve)), ended])
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async ended(): Promise<Ended> {
    const [code, signal] = (await this.#exit) as [number | null, NodeJS.Signals | null]
    return { code, signal, stderr: this.#stderr, said: this.#said }
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop()!
    for (const line of lines) {
      const at = line.indexOf(' ')
      const word = line.slice(0, at)
      this.#said[word] = JSON.parse(line.slice(at + 1))
      this.#listeners.get(word)?.(this.#said[word])
    }
  }
}

/** `ended + recovered = delivered + dropped + pending + spooled` for every exporter, and `created = ended + open`. Returns the account of traces. */
export function checkedAccount(status: unknown): Status['exporters'][number] {
  const { spans, exporters } = status as Status
  if (spans.created !== spans.ended + spans.open)
    throw new Error(`spans do not add up: ${JSON.stringify(spans)}`)
  for (const account of exporters) {
    const dropped = Object.values(account.dropped).reduce((sum, count) => sum + count, 0)
    const { ended, recovered, delivered, pending, spooled } = account
    if (ended + recovered !== delivered + dropped + pending + spooled) {
      throw new Error(`the account does not add up: ${JSON.stringify(account)}`)
    }
  }
  return exporters.find(({ signal }) => signal === 'traces')!
}

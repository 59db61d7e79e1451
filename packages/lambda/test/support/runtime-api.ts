import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const PREFIX = '/2018-06-01/runtime'

export interface Answer {
  readonly kind: 'response' | 'error' | 'killed'
  readonly body: string
  readonly atMs: number
}

export interface Invoke {
  readonly event: unknown
  /** Default 10,000. */
  readonly timeoutMs?: number
  readonly traceHeader?: string
}

interface Waiting {
  readonly id: string
  readonly invoke: Invoke
  answer(answer: Answer): void
}

/**
 * The Lambda Runtime API (2018-06-01) on loopback. As Lambda does, it stops the process from the moment that it asks for the
 * next invocation, after it has answered, until there is one; and kills it when an invocation takes too long.
 */
export class RuntimeApi {
  readonly #server: Server = createServer((request, response) => void this.#handle(request, response))
  readonly #arn = 'arn:aws:lambda:eu-west-1:123456789012:function:shop:live'
  /** Of the process that is frozen. */
  pid = 0
  /** The request for a next invocation that is open. */
  #next: ServerResponse | undefined
  #queue: Waiting[] = []
  #current: (Waiting & { timer: NodeJS.Timeout }) | undefined
  #hasEnded = false
  readonly initErrors: string[] = []
  freezes = 0

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The process is gone: whoever waits for it gets no answer. */
  processEnded(): void {
    this.#hasEnded = true
    const answer: Answer = { kind: 'killed', body: 'the process ended', atMs: performance.now() }
    for (const waiting of this.#queue.splice(0)) waiting.answer(answer)
    this.#answer(answer)
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  invoke(invoke: Invoke): Promise<Answer> {
    return new Promise((resolve) => {
      this.#queue.push({ id: randomUUID(), invoke, answer: resolve })
      if (this.#hasEnded) this.processEnded()
      else this.#dispatch()
    })
  }

  #dispatch(): void {
    const response = this.#next
    if (response === undefined || this.#current !== undefined) return
    const waiting = this.#queue.shift()
    if (waiting === undefined) {
      process.kill(this.pid, 'SIGSTOP')
      this.freezes++
      return
    }
    this.#next = undefined
    process.kill(this.pid, 'SIGCONT')
    const { event, timeoutMs = 10_000, traceHeader } = waiting.invoke
    const timer = setTimeout(() => {
      process.kill(this.pid, 'SIGKILL')
      this.#answer({ kind: 'killed', body: '', atMs: performance.now() })
    }, timeoutMs)
    this.#current = { ...waiting, timer }
    response.setHeader('lambda-runtime-aws-request-id', waiting.id)
    response.setHeader('lambda-runtime-deadline-ms', String(Date.now() + timeoutMs))
    response.setHeader('lambda-runtime-invoked-function-arn', this.#arn)
    if (traceHeader !== undefined) response.setHeader('lambda-runtime-trace-id', traceHeader)
    response.end(JSON.stringify(event))
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.slice(PREFIX.length)
    if (path === '/invocation/next') {
      this.#next = response
      this.#dispatch()
      return
    }
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString()
    response.writeHead(202).end('{"status":"OK"}')
    if (path === '/init/error') this.initErrors.push(body)
    const kind = path?.split('/').at(-1)
    if (kind === 'response' || kind === 'error') this.#answer({ kind, body, atMs: performance.now() })
  }

  #answer(answer: Answer): void {
    const current = this.#current
    if (current === undefined) return
    this.#current = undefined
    clearTimeout(current.timer)
    current.answer(answer)
  }
}

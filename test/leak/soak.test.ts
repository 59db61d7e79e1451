import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Status } from 'hashira'
import { checkedAccount } from '../support/child-app.ts'
import { Collector } from '../support/collector.ts'

const REQUESTS = Number(process.env['HASHIRA_SOAK_REQUESTS'] ?? 200_000)
const MARGIN_BYTES = 4 * 1_024 * 1_024

class Server {
  readonly #child: ChildProcess
  readonly warnings: string[] = []
  #id = 0
  port = 0

  constructor(framework: string, otlpUrl: string) {
    this.#child = fork(join(import.meta.dirname, 'app.mjs'), {
      execArgv: ['--expose-gc'],
      env: {
        ...process.env,
        FRAMEWORK: framework,
        OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl,
        HASHIRA_PROMETHEUS_PORT: '0',
      },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#child.on(
      'message',
      ({ warning }: { warning?: string }) => warning !== undefined && this.warnings.push(warning),
    )
  }

  async ready(): Promise<void> {
    const [{ port }] = (await once(this.#child, 'message')) as [{ port: number }]
    this.port = port
  }

  ask<T>(ask: string): Promise<T> {
    const id = ++this.#id
    return new Promise((resolve) => {
      const onMessage = (message: { id?: number; answer: T }) => {
        if (message.id !== id) return
        this.#child.off('message', onMessage)
        resolve(message.answer)
      }
      this.#child.on('message', onMessage)
      this.#child.send({ id, ask })
    })
  }

  stop(): void {
    this.#child.disconnect()
  }
}

/** `count` requests over 8 keep-alive connections, pipelined 16 at a time. */
async function drive(port: number, path: string, count: number): Promise<void> {
  const connections = Math.min(8, count)
  const each = Math.ceil(count / connections)
  await Promise.all(Array.from({ length: connections }, () => driveConnection(port, path, each)))
}

function driveConnection(port: number, path: string, count: number): Promise<void> {
  const request = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let asked = 0
    let answered = 0
    const ask = () => {
      const batch = Math.min(16, count - asked)
      asked += batch
      socket.write(request.repeat(batch))
    }
    let rest = ''
    socket.setEncoding('latin1').on('data', (text: string) => {
      const parts = (rest + text).split('HTTP/1.1 200 OK')
      answered += parts.length - 1
      rest = parts.at(-1)!.slice(-20)
      if (answered === count) resolve(void socket.end())
      else if (answered === asked) ask()
    })
    socket.on('error', reject)
    ask()
  })
}

describe('leaks', () => {
  for (const framework of ['express', 'fastify']) {
    it(`${framework}: ${REQUESTS} requests end with the heap they began with`, {
      timeout: 600_000,
    }, async () => {
      const collector = new Collector()
      const server = new Server(framework, await collector.listen())
      try {
        await server.ready()
        await drive(server.port, '/items/1', 20_000)
        await server.ask('account')
        const heapBefore = await server.ask<number>('heap')
        const listenersBefore = await server.ask('listeners')

        await drive(server.port, '/items/1', REQUESTS)
        const account = checkedAccount(await server.ask<Status>('account'))
        const heapAfter = await server.ask<number>('heap')

        assert.equal(account.delivered, account.ended)
        assert.equal(account.ended, 20_000 + REQUESTS)
        assert.deepEqual(await server.ask('listeners'), listenersBefore)
        assert.deepEqual(server.warnings, [])
        assert.ok(heapAfter - heapBefore < MARGIN_BYTES, `the heap grew by ${heapAfter - heapBefore} bytes`)
      } finally {
        server.stop()
        await collector.die()
      }
    })

    it(`${framework}: a finished request is collectable although a socket that it opened lives on`, async () => {
      const collector = new Collector()
      const server = new Server(framework, await collector.listen())
      try {
        await server.ready()
        await drive(server.port, '/hold', 1)
        await drive(server.port, '/items/1', 10)
        const { socketIsOpen, alive } = await server.ask<{ socketIsOpen: boolean; alive: boolean[] }>('held')
        assert.equal(socketIsOpen, true)
        assert.deepEqual(alive, [false, false, false, false])
      } finally {
        server.stop()
        await collector.die()
      }
    })
  }
})

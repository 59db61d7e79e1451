import dgram from 'node:dgram'
import net, { type AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import { type Behaviour, FaultyBackend } from '../faulty-backend'
import type { ConformanceOptions, ConformanceTarget, ReceivedMessage } from './conformance-options'

/** A backend that keeps what it got. */
export interface Receiver {
  readonly target: ConformanceTarget
  readonly messages: () => readonly ReceivedMessage[]
  /** Listens; again at the same address after {@link stop}. */
  start(): Promise<unknown>
  /** Dies. */
  stop(): Promise<unknown>
}

/** Of a request to a backend that answers: a machine may be busy with something else. */
const TIMEOUT_MS = 20_000
/** To one that does not. */
export const SHORT_TIMEOUT_MS = 500
const HOST = '127.0.0.1'

export class HttpReceiver extends FaultyBackend implements Receiver {
  /** The first that the decoder of the test threw. */
  decodeError: unknown
  readonly success: Behaviour
  /** When each request arrived, by `performance.now()`. */
  readonly arrivalsMs: readonly number[]
  readonly #taken: readonly ReceivedMessage[]

  constructor(options: ConformanceOptions, countItems: (message: ReceivedMessage) => number, tls?: Tls) {
    const taken: ReceivedMessage[] = []
    const arrivalsMs: number[] = []
    super({
      tls,
      onTaken: (body, { url, headers }) => taken.push({ body, url, headers }),
      answerAside: options.answerAside,
      behaviour: { kind: 'ok', ...options.success },
      countItems: (body, { url, headers }) => {
        arrivalsMs.push(performance.now())
        try {
          return countItems({ body, url, headers })
        } catch (error) {
          this.decodeError ??= error
          return 0
        }
      },
    })
    this.#taken = taken
    this.arrivalsMs = arrivalsMs
    this.success = this.behaviour
  }

  get target(): ConformanceTarget {
    return targetOf(this.url, this.port)
  }

  messages(): readonly ReceivedMessage[] {
    return this.#taken
  }
}

export type Tls = { readonly cert: string; readonly key: string } | undefined

export class UdpReceiver implements Receiver {
  readonly #messages: ReceivedMessage[] = []
  #socket: dgram.Socket | undefined
  #port = 0

  get target(): ConformanceTarget {
    return targetOf(`udp://${HOST}:${this.#port}`, this.#port)
  }

  messages(): readonly ReceivedMessage[] {
    return this.#messages
  }

  async start(): Promise<void> {
    const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 })
    socket.on('message', (body) => this.#messages.push({ body }))
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind(this.#port, HOST, resolve)
    })
    this.#port = socket.address().port
    this.#socket = socket
  }

  async stop(): Promise<void> {
    const socket = this.#socket
    this.#socket = undefined
    if (socket !== undefined) await new Promise<void>((resolve) => socket.close(resolve))
  }
}

export class TcpReceiver implements Receiver {
  readonly #connections: Buffer[][] = []
  readonly #sockets = new Set<net.Socket>()
  #server: net.Server | undefined
  #port = 0

  get target(): ConformanceTarget {
    return targetOf(`tcp://${HOST}:${this.#port}`, this.#port)
  }

  messages(): readonly ReceivedMessage[] {
    return this.#connections.map((chunks) => ({ body: Buffer.concat(chunks) }))
  }

  async start(): Promise<void> {
    const server = net.createServer((socket) => this.#receive(socket))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, HOST, resolve)
    })
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #receive(socket: net.Socket): void {
    const chunks: Buffer[] = []
    this.#connections.push(chunks)
    this.#sockets.add(socket)
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('error', () => {})
    socket.on('close', () => this.#sockets.delete(socket))
  }
}

export class StreamReceiver implements Receiver {
  readonly #chunks: Buffer[] = []
  readonly target: ConformanceTarget

  constructor() {
    const chunks = this.#chunks
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        chunks.push(chunk)
        done()
      },
    })
    this.target = { ...targetOf('stream:', 0), stream }
  }

  messages(): readonly ReceivedMessage[] {
    return [{ body: Buffer.concat(this.#chunks) }]
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {}
}

function targetOf(url: string, port: number): ConformanceTarget {
  return { url, host: HOST, port, timeoutMs: TIMEOUT_MS, stream: process.stdout }
}

export function createReceiver(
  options: ConformanceOptions,
  countItems: (message: ReceivedMessage) => number,
): Receiver {
  if (options.backend === 'udp') return new UdpReceiver()
  if (options.backend === 'tcp') return new TcpReceiver()
  return options.backend === 'stream' ? new StreamReceiver() : new HttpReceiver(options, countItems)
}

// Streams and sockets; the rows of docs/context.md have the same names.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { Agent, createServer, get, type Server } from 'node:http'
import { type AddressInfo, connect, createServer as createNetServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { finished, pipeline, Readable, Transform, Writable } from 'node:stream'
import { pipeline as pipelinePromise } from 'node:stream/promises'
import { after } from 'node:test'
import { activeContext, bindContext } from '@hashira/core'
import { createServerObserver, operationOn } from '@hashira/http'
import { callback, inRequest, row, runInOther } from './support.ts'

const servers: { close(): unknown }[] = []
after(() => {
  for (const server of servers) server.close()
})

async function listen(server: Server | ReturnType<typeof createNetServer>): Promise<number> {
  servers.push(server)
  await runInOther(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  return (server.address() as AddressInfo).port
}

row('streams that a request makes, read by events, `for await` and `pipeline`', async () => {
  const file = () => createReadStream(import.meta.filename, { highWaterMark: 512 })
  const seen = new Set<boolean>()
  for await (const _ of file()) seen.add(inRequest())
  seen.add(await callback((done) => file().resume().on('end', done)))
  const upper = new Transform({
    transform(chunk, _, done) {
      seen.add(inRequest())
      done(null, String(chunk).toUpperCase())
    },
  })
  const sink = new Writable({
    write(_chunk, _, done) {
      seen.add(inRequest())
      setImmediate(done)
    },
  })
  seen.add(await callback((done) => pipeline(file(), upper, sink, done)))
  for await (const _ of createInterface({ input: file() })) seen.add(inRequest())
  assert.deepEqual([...seen], [true])
})

row('a stream that another request feeds: `for await` and `stream/promises`', async () => {
  const source = new Readable({ read() {} })
  runInOther(() => setImmediate(() => source.push('x')))
  for await (const _ of source) break
  assert.ok(inRequest())
  const second = new Readable({ read() {} })
  runInOther(() => setImmediate(() => second.push(null)))
  await pipelinePromise(second, discard())
  assert.ok(inRequest())
})

row('a stream that another request feeds: the callback of `pipeline` and `finished`', async () => {
  const isCarried = Number(process.versions.node.split('.')[0]) >= 22
  for (const watch of [
    (source: Readable, done: () => void) => pipeline(source, discard(), done),
    (source: Readable, done: () => void) => finished(source.resume(), done),
  ]) {
    for (const byHand of [false, true]) {
      const source = new Readable({ read() {} })
      const seen = callback((done) => watch(source, byHand ? bindContext(done) : done))
      runInOther(() => setImmediate(() => source.push(null)))
      assert.equal(await seen, byHand || isCarried, watch.toString())
    }
  }
})

function discard(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() })
}

row('web streams', async () => {
  const seen: boolean[] = []
  const source = new ReadableStream<string>({
    pull(controller) {
      controller.enqueue('x')
      controller.close()
    },
  })
  const passing = source.pipeThrough(
    new TransformStream<string, string>({
      transform(chunk, controller) {
        seen.push(inRequest())
        controller.enqueue(chunk)
      },
    }),
  )
  for await (const _ of passing) seen.push(inRequest())
  seen.push(inRequest())
  assert.deepEqual(seen, [true, true, true])
})

row('sockets: whoever opened the connection', async () => {
  const echo = createNetServer((socket) => socket.pipe(socket))
  const port = await listen(echo)
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const seen = callback((done) => runInOther(() => socket.once('data', done)))
  runInOther(() => socket.write('x'))
  assert.ok(await seen)
  socket.destroy()
})

row('`node:http` over a kept connection that another request opened', async () => {
  const port = await listen(createServer((_, response) => response.end('ok')))
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const fetchIt = () =>
    new Promise<boolean[]>((resolve) => {
      const seen: boolean[] = []
      get({ host: '127.0.0.1', port, agent }, (response) => {
        seen.push(inRequest())
        response.on('data', () => seen.push(inRequest()))
        response.on('end', () => resolve([...seen, inRequest()]))
      })
    })
  await runInOther(fetchIt)
  assert.deepEqual(await fetchIt(), [true, true, true])
  agent.destroy()
})

row('`fetch`', async () => {
  const port = await listen(createServer((_, response) => response.end('ok')))
  const response = await fetch(`http://127.0.0.1:${port}`, { headers: { connection: 'close' } })
  assert.ok(inRequest())
  await response.text()
  assert.ok(inRequest())
})

row('request and response of an observed server', async () => {
  const observer = createServerObserver('test')
  const seen: boolean[] = []
  const server = createServer((incoming, response) => {
    const context = observer.begin(incoming, response, incoming, response, '/')
    // Outside of it: what counts is not where a listener is added.
    incoming.on('data', () => seen.push(activeContext() === context))
    incoming.on('end', () => {
      seen.push(activeContext() === operationOn(incoming)?.context)
      response.end()
    })
    response.on('finish', () => seen.push(activeContext() === context))
  })
  const port = await listen(server)
  await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: 'x', headers: { connection: 'close' } })
  assert.deepEqual(seen, [true, true, true])
})

row('connection pools with promises', async () => {
  const pool = new Pool(await listen(createNetServer((socket) => socket.pipe(socket))))
  await runInOther(() => pool.query('opens it'))
  assert.equal(await pool.query('x'), 'x')
  assert.ok(inRequest())
  pool.end()
})

row('connection pools with callbacks', async () => {
  const pool = new Pool(await listen(createNetServer((socket) => socket.pipe(socket))))
  await runInOther(() => pool.query('opens it'))
  assert.equal(await callback((done) => pool.send('x', done)), false)
  assert.equal(await callback((done) => pool.send('x', bindContext(done))), true)
  pool.end()
})

/** One connection, kept; it calls back from its socket's events, as most drivers do. */
class Pool {
  readonly #port: number
  readonly #waiting: ((answer: string) => void)[] = []
  #socket: Socket | undefined

  constructor(port: number) {
    this.#port = port
  }

  send(text: string, done: (answer: string) => void): void {
    this.#socket ??= connect(this.#port, '127.0.0.1').on('data', (data) =>
      this.#waiting.shift()?.(String(data)),
    )
    this.#waiting.push(done)
    this.#socket.write(text)
  }

  query(text: string): Promise<string> {
    return new Promise((resolve) => this.send(text, resolve))
  }

  end(): void {
    this.#socket?.destroy()
  }
}

row('queues in user land: whoever works them off', async () => {
  const jobs: (() => void)[] = []
  const workOff = () => {
    for (const job of jobs.splice(0)) job()
  }
  const seen: boolean[] = []
  jobs.push(() => seen.push(inRequest()))
  jobs.push(bindContext(() => seen.push(inRequest())))
  runInOther(workOff)
  assert.deepEqual(seen, [false, true])
})

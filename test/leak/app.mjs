// A server that tells what it holds: FRAMEWORK is express or fastify. Run with --expose-gc.
import { createRequire } from 'node:module'
import { connect, createServer } from 'node:net'
import { createLogger } from '@hashira/logs'
import { trace } from '@opentelemetry/api'
import { start } from 'hashira'

const logger = createLogger({}, { write() {} })
const hashira = start({
  exporters: ['otlp', 'prometheus'],
  quiet: true,
  onSpanEnd(span) {
    if (span.name === 'GET /hold')
      held.references.push(...[span.attributes, span.events].map((object) => new WeakRef(object)))
  },
})

// The request of /hold opens a connection that outlives it; what the request held must not.
const sink = createServer().listen(0, '127.0.0.1')
const held = { socket: undefined, references: [] }

function hold(request, response) {
  trace.getActiveSpan().addEvent('holding')
  held.socket = connect(sink.address().port, '127.0.0.1')
  held.socket.on('data', () => {})
  held.references.push(new WeakRef(request), new WeakRef(response))
}

const servers = {
  async express() {
    const express = createRequire(new URL('../../packages/express/package.json', import.meta.url))('express')
    const { observe } = await import('@hashira/express')
    const app = express()
    app.use(
      observe({
        onRequest: (span, request) => request.url === '/hold' && span.setAttribute('big', bigValue()),
      }),
    )
    app.get('/items/:id', (request, response) => {
      logger.info('item')
      response.send(request.params.id)
    })
    app.get('/hold', (request, response) => {
      hold(request, response)
      response.send('held')
    })
    return new Promise((resolve) => {
      const server = app.listen(0, '127.0.0.1', () => resolve(server))
    })
  },
  async fastify() {
    const fastify = createRequire(new URL('../../packages/fastify/package.json', import.meta.url))('fastify')
    const { observe } = await import('@hashira/fastify')
    const app = fastify()
    await app.register(observe, {
      onRequest: (span, request) => request.url === '/hold' && span.setAttribute('big', bigValue()),
    })
    app.get('/items/:id', async (request) => {
      logger.info('item')
      return request.params.id
    })
    app.get('/hold', async (request, reply) => {
      hold(request.raw, reply.raw)
      return 'held'
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    return app.server
  },
}

const server = await servers[process.env.FRAMEWORK]()

const answers = {
  heap() {
    for (let i = 0; i < 4; i++) global.gc()
    return process.memoryUsage().heapUsed
  },
  async account() {
    await hashira.flush({ timeoutMs: 10_000 })
    return hashira.status()
  },
  listeners: () =>
    ['SIGTERM', 'beforeExit', 'exit', 'uncaughtException', 'warning'].map((name) =>
      process.listenerCount(name),
    ),
  async held() {
    for (let i = 0; i < 4; i++) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      global.gc()
    }
    return {
      socketIsOpen: held.socket?.readyState === 'open',
      alive: held.references.map((reference) => reference.deref() !== undefined),
    }
  },
}

process.on('warning', (warning) => process.send({ warning: String(warning) }))
process.on('message', async ({ id, ask }) => process.send({ id, answer: await answers[ask]() }))
process.on('disconnect', () => process.exit())
process.send({ port: server.address().port })

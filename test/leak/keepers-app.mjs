// One request, by the framework that is named, in which everything that keeps an asynchronous context alive is made and held; says
// what is left of the request after collections: `node --expose-gc keepers-app.mjs WAY`.
import { AsyncResource } from 'node:async_hooks'
import { EventEmitter, once } from 'node:events'
import { createServer, get } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { createRequire } from 'node:module'
import { connect, createServer as createNetServer } from 'node:net'
import { MessageChannel } from 'node:worker_threads'
import { activeContext, bindContext, recordError } from '@hashira/core'
import { observeServer } from '@hashira/http'
import { trace } from '@opentelemetry/api'
import { start } from 'hashira'

const [way] = process.argv.slice(2)
const weak = {}
start({
  exporters: [],
  quiet: true,
  onSpanEnd: ({ attributes, events }) => remember({ attributes, events }),
})

const backend = createNetServer((socket) => socket.resume()).listen(0, '127.0.0.1')
await once(backend, 'listening')

function remember(objects) {
  for (const [name, object] of Object.entries(objects)) weak[name] ??= new WeakRef(object)
}

const kept = []

// Outside of any handler: a closure in there would hold its request by itself.
function keepContext() {
  kept.push(
    activeContext(),
    connect(backend.address().port, '127.0.0.1').on('data', () => {}),
    setInterval(() => {}, 1_000_000),
    new Promise((resolve) => kept.push(resolve)).then(() => {}),
    new AsyncResource('kept'),
    AsyncResource.bind(() => {}),
    bindContext(() => {}),
    new EventEmitter().on(
      'event',
      bindContext(() => {}),
    ),
    new MessageChannel().port1.on('message', () => {}),
    suspended(),
  )
}

function suspended() {
  const generator = (async function* generate() {
    yield 1
    await null
    yield 2
  })()
  void generator.next()
  return generator
}

/** What each request does. */
function work(objects) {
  const error = new Error('kept?')
  recordError(error)
  trace.getActiveSpan().setAttribute('big', 'x'.repeat(1_000)).addEvent('event')
  remember({ ...objects, error })
  keepContext()
}

const fromPackage = (name) => createRequire(new URL(`../../packages/${name}/package.json`, import.meta.url))

async function listen(server) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

const ways = {
  'node:http': () => {
    const server = createServer((request, response) => {
      work({ request, response })
      response.end()
    })
    observeServer(server)
    return listen(server)
  },
  http2: () => {
    const server = createHttp2Server()
    server.on('stream', (stream, headers) => {
      work({ stream, headers })
      stream.respond({ ':status': 200 })
      stream.end()
    })
    observeServer(server)
    return listen(server)
  },
  async express() {
    const { observe } = await import('@hashira/express')
    const app = fromPackage('express')('express')()
    app.use(observe())
    app.get('/users/:id', (request, response) => {
      work({ request, response })
      response.end()
    })
    return listen(createServer(app))
  },
  async fastify() {
    const { observe } = await import('@hashira/fastify')
    const app = fromPackage('fastify')('fastify')()
    app.register(observe)
    app.get('/users/:id', async (request, reply) => {
      work({ request, reply, raw: request.raw })
      return 'ok'
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    return app.server
  },
  async koa() {
    const { default: Koa } = await import('koa')
    const { default: Router } = await import('@koa/router')
    const { observe } = await import('@hashira/http/koa')
    const router = new Router().get('/users/:id', (context) => {
      work({ context, request: context.req })
      context.status = 204
    })
    return listen(createServer(new Koa().use(observe()).use(router.routes()).callback()))
  },
  async hono() {
    const { Hono } = await import('hono')
    const { getRequestListener } = await import('@hono/node-server')
    const { observe } = await import('@hashira/http/hono')
    const app = new Hono()
    app.use(observe())
    app.get('/users/:id', (context) => {
      work({ context, request: context.env.incoming })
      return context.text('ok')
    })
    return listen(createServer(getRequestListener(app.fetch)))
  },
  async nest() {
    await import('reflect-metadata')
    const { Controller, Get, Module, Req } = await import('@nestjs/common')
    const { NestFactory } = await import('@nestjs/core')
    const { HashiraModule } = await import('@hashira/http/nest')
    class Users {
      find(request) {
        work({ request, response: request.res })
        return 'ok'
      }
    }
    Controller('users')(Users)
    Get(':id')(Users.prototype, 'find', Object.getOwnPropertyDescriptor(Users.prototype, 'find'))
    Req()(Users.prototype, 'find', 0)
    class App {}
    Module({ imports: [HashiraModule.forRoot()], controllers: [Users] })(App)
    const app = await NestFactory.create(App, { logger: false })
    await app.listen(0, '127.0.0.1')
    return app.getHttpServer()
  },
}

/** Asks twice: frameworks keep the last request of a kind here and there. */
async function ask(port) {
  for (let i = 0; i < 2; i++) {
    if (way === 'http2') {
      const client = connectHttp2(`http://127.0.0.1:${port}`)
      await once(client.request({ ':path': '/users/7' }).resume(), 'close')
      client.destroy()
    } else {
      const options = { port, host: '127.0.0.1', path: '/users/7', agent: false }
      await new Promise((resolve) => get(options, (response) => response.resume().on('end', resolve)))
    }
  }
}

const server = await ways[way]()
await ask(server.address().port)
server.close()
server.closeAllConnections?.()
const left = () => Object.keys(weak).filter((name) => weak[name].deref() !== undefined)
for (let i = 0; i < 100 && left().length > 0; i++) {
  await new Promise((resolve) => setTimeout(resolve, 10))
  globalThis.gc()
}
console.log(JSON.stringify({ watched: Object.keys(weak).sort(), left: left(), kept: kept.length }))
process.exit()

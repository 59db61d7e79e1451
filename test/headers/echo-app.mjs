// FRAMEWORK (express or fastify) answers with the headers that an outgoing call of its handler carried.
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { start } from 'hashira'

start({ exporters: [], quiet: true })

const echo = createServer((request, response) => {
  const { traceparent, tracestate, baggage } = request.headers
  response
    .setHeader('content-type', 'application/json')
    .end(JSON.stringify({ traceparent, tracestate, baggage }))
}).listen(0, '127.0.0.1')

const call = async () => (await fetch(`http://127.0.0.1:${echo.address().port}/`)).json()

const servers = {
  async express() {
    const express = createRequire(new URL('../../packages/express/package.json', import.meta.url))('express')
    const { observe } = await import('@hashira/express')
    const app = express()
    app.use(observe())
    app.get('/', async (_request, response) => response.json(await call()))
    return (listener) => createServer({ maxHeaderSize: 1_048_576 }, app).listen(0, '127.0.0.1', listener)
  },
  async fastify() {
    const fastify = createRequire(new URL('../../packages/fastify/package.json', import.meta.url))('fastify')
    const { observe } = await import('@hashira/fastify')
    const app = fastify({ http: { maxHeaderSize: 1_048_576 } })
    await app.register(observe)
    app.get('/', call)
    await app.ready()
    return (listener) => app.listen({ port: 0, host: '127.0.0.1' }).then(() => listener()) && app.server
  },
}

const listen = await servers[process.env.FRAMEWORK]()
const server = listen(() => process.send({ port: server.address().port }))
process.on('disconnect', () => process.exit())

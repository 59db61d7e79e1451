// The service that the harness of w3c/trace-context asks for: it posts to every url that it is told, with the arguments beside it.
// `node service.mjs express|fastify fetch|node:http` prints its endpoint.
import { once } from 'node:events'
import { request } from 'node:http'
import { createRequire } from 'node:module'
import { start } from 'hashira'

const [framework, client] = process.argv.slice(2)
const frameworks = { express: expressService, fastify: fastifyService }
const clients = { fetch: postByFetch, 'node:http': postByNodeHttp }
const post = clients[client]

start({ serviceName: `w3c-${framework}`, exporters: [], quiet: true })
const server = await frameworks[framework](async (calls) => {
  for (const { url, arguments: rest } of calls) await post(url, JSON.stringify(rest))
})

console.log(`http://127.0.0.1:${server.address().port}/test`)

async function expressService(answer) {
  const { observe } = await import('@hashira/express')
  const express = createRequire(import.meta.resolve('@hashira/express/package.json'))('express')
  const app = express()
  app.use(observe())
  app.post('/test', express.json(), async (incoming, response) => {
    await answer(incoming.body)
    response.json({ ok: true })
  })
  const listening = app.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  return listening
}

async function fastifyService(answer) {
  const { observe } = await import('@hashira/fastify')
  const fastify = createRequire(import.meta.resolve('@hashira/fastify/package.json'))('fastify')
  const app = fastify()
  app.register(observe)
  app.post('/test', async (incoming) => {
    await answer(incoming.body)
    return { ok: true }
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server
}

async function postByFetch(url, body) {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  await response.text()
}

async function postByNodeHttp(url, body) {
  const outgoing = request(url, { method: 'POST', headers: { 'content-type': 'application/json' } })
  outgoing.end(body)
  const [response] = await once(outgoing, 'response')
  response.resume()
  await once(response, 'end')
}

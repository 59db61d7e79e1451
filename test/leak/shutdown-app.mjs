// Takes a picture of everything in the process that Hashira could leave something on, starts and uses it, shuts it down, and takes
// the picture again. Then it closes what is its own, and has to end by itself.
import { channel } from 'node:diagnostics_channel'
import { EventEmitter, once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import { createRequire } from 'node:module'
import net from 'node:net'
import tls from 'node:tls'
import { markOwnServer } from '@hashira/core'
import { prometheus } from '@hashira/exporter-prometheus'
import { instrumentServers, observeServer } from '@hashira/http'
import { logger } from '@hashira/logs'
import { context, metrics, propagation, trace } from '@opentelemetry/api'
import { start } from 'hashira'

const express = createRequire(new URL('../../packages/express/package.json', import.meta.url))('express')
const { observe } = await import('@hashira/express')

const CHANNELS = [
  'undici:request:create',
  'undici:request:bodySent',
  'undici:request:headers',
  'undici:request:trailers',
  'undici:request:error',
  'undici:client:sendHeaders',
  'undici:client:connected',
  'http.client.request.start',
  'http.client.request.created',
  'http.client.response.finish',
  'http.server.request.start',
  'http.server.response.finish',
]

const server = http.createServer()
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
const sockets = []
const backend = http.createServer((_, response) => response.end('ok'))
// It only plays the other side; its requests are none of the app's.
const collector = markOwnServer(
  http.createServer((request, response) => request.resume().on('end', () => response.end())),
)
for (const each of [backend, collector]) await listen(each)
server.on('connection', (socket) => sockets.push(socket))

// Before the picture: Node makes these itself with the first use.
await call(backend)
await (await fetch(urlOf(backend))).text()
logger.debug('pino registers for the end of the process with its first line')
logger.info('before')
void process.stderr.writable

const before = picture()
process.env.OTEL_EXPORTER_OTLP_ENDPOINT = urlOf(collector)
const hashira = start({ exporters: ['otlp', prometheus({ host: '127.0.0.1', port: 0 })], quiet: true })
const app = express()
app.use(observe())
app.get('/users/:id', async (_, response) => {
  logger.info('inside')
  await call(backend)
  await (await fetch(urlOf(backend))).text()
  response.end('ok')
})
const undo = [instrumentServers(), observeServer(server)]
server.on('request', app)
await listen(server)
for (let i = 0; i < 3; i++) await call(server, '/users/7')
await hashira.flush()
const during = picture()
const status = await hashira.shutdown({ timeoutMs: 5_000 })
for (const stop of undo) stop()
server.off('request', app)
// The connections of the app's own calls are open still: what was on them goes with the end of their last call.
let after = picture()
for (let i = 0; i < 500 && JSON.stringify(after) !== JSON.stringify(before); i++) {
  await new Promise((resolve) => setTimeout(resolve, 10))
  after = picture()
}
say({ before, during, after, status, sockets: sockets.map(countOf) })
agent.destroy()
for (const each of [server, backend, collector]) {
  each.close()
  each.closeAllConnections()
}

function listen(target) {
  target.listen(0, '127.0.0.1')
  return once(target, 'listening')
}

function urlOf(target) {
  return `http://127.0.0.1:${target.address().port}`
}

function call(target, path = '/') {
  return new Promise((resolve, reject) => {
    const outgoing = http.get(urlOf(target) + path, { agent }, (response) =>
      response.resume().on('end', resolve),
    )
    outgoing.on('error', reject)
  })
}

function countOf(emitter) {
  return Object.fromEntries(emitter.eventNames().map((name) => [String(name), emitter.listenerCount(name)]))
}

/** Listeners, subscribers, timers, and own functions of shared objects: each has a number, so that another one in its place is seen. */
function picture() {
  return {
    process: countOf(process),
    stdout: countOf(process.stdout),
    stderr: countOf(process.stderr),
    server: countOf(server),
    backend: countOf(backend),
    agent: countOf(agent),
    own: Object.fromEntries(
      Object.entries({ server, backend, agent, process }).map(([name, object]) => [
        name,
        ownFunctions(object),
      ]),
    ),
    prototypes: Object.fromEntries(
      Object.entries({
        Server: http.Server.prototype,
        HttpsServer: https.Server.prototype,
        NetServer: net.Server.prototype,
        TlsServer: tls.Server.prototype,
        EventEmitter: EventEmitter.prototype,
        ClientRequest: http.ClientRequest.prototype,
        Agent: http.Agent.prototype,
        Socket: net.Socket.prototype,
        http,
        https,
      }).map(([name, object]) => [name, ownFunctions(object)]),
    ),
    fetch: identity(globalThis.fetch),
    channels: CHANNELS.filter((name) => channel(name).hasSubscribers),
    globals: [trace, metrics, context, propagation].map((api) => isSet(api)),
    timers: process.getActiveResourcesInfo().filter((name) => /Timeout|Worker|Signal/.test(name)),
    calls: Object.values(agent.freeSockets).flat().map(countOf).slice(0, 1),
  }
}

function ownFunctions(object) {
  const found = Object.getOwnPropertyNames(object).flatMap((name) => {
    const { value } = Object.getOwnPropertyDescriptor(object, name)
    return typeof value === 'function' ? [`${name} ${identity(value)}`] : []
  })
  return found.sort()
}

function identity(fn) {
  identity.known ??= new Map()
  if (!identity.known.has(fn)) identity.known.set(fn, identity.known.size)
  return identity.known.get(fn)
}

function isSet(api) {
  if (api === trace) return api.getTracer('x').startSpan('x').isRecording()
  if (api === propagation) return api.fields().length
  if (api === context)
    return api.with(api.active().setValue(isSet, 1), () => api.active().getValue(isSet)) === 1
  return undefined
}

function say(report) {
  console.log(JSON.stringify(report))
}

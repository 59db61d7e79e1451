// Handles one request that opens a connection, which stays open; prints what of the request is left after a collection.
import { once } from 'node:events'
import { createServer as createHttpServer, get } from 'node:http'
import { connect, createServer } from 'node:net'
import { annotate, fieldsOf, recordError, runInContext } from '@hashira/core'
import { createServerObserver } from '@hashira/http'
import { alwaysOnSampler, defaultSpanLimits, enableTracing } from '@hashira/tracing'

const sink = { append() {}, refuse() {} }
enableTracing({ sampler: alwaysOnSampler, limits: defaultSpanLimits, sinks: [sink] })

const backend = createServer((socket) => socket.resume())
backend.listen(0, '127.0.0.1')
await once(backend, 'listening')

const observer = createServerObserver('observe()', { labels: { size: (request) => request.url.length } })
const left = {}
let opened

// Outside of the handler: a closure in there would hold its request by itself.
function openSocket() {
  opened = connect(backend.address().port, '127.0.0.1')
  opened.on('connect', () => opened.write('hello'))
}

const server = createHttpServer((request, response) => {
  runInContext(observer.begin(request, response, request, response, request.url), () => {
    const error = new Error('kept?')
    recordError(error)
    left.request = new WeakRef(request)
    left.response = new WeakRef(response)
    left.error = new WeakRef(error)
    annotate({ 'tenant.id': 'acme' })
    left.fields = new WeakRef(fieldsOf())
    openSocket()
    response.end()
  })
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
await new Promise((resolve) => {
  get({ port: server.address().port, host: '127.0.0.1', agent: false }, (response) =>
    response.resume().on('end', resolve),
  )
})
server.close()
server.closeAllConnections()

const isLeft = () => Object.values(left).some((reference) => reference.deref() !== undefined)
for (let i = 0; i < 50 && isLeft(); i++) {
  await new Promise((resolve) => setTimeout(resolve, 10))
  globalThis.gc()
}
const report = Object.entries(left).map(([name, reference]) => [
  name,
  reference.deref() ? 'left' : 'collected',
])
console.log(JSON.stringify({ ...Object.fromEntries(report), socket: opened.destroyed ? 'closed' : 'open' }))
process.exit()

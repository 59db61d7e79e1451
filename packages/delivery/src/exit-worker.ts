/**
 * The source of the worker that sends what is pending while the main thread waits in `Atomics.wait`. Text, because a bundled
 * app has no file to start a worker from. It gets `requests` and `progress`: how many are settled, then per request
 * 0 (not sent yet), 1 (acknowledged, or taken by the operating system where nobody acknowledges), 2 (failed) or 3 (sent, no
 * answer yet).
 */
export const EXIT_WORKER_SOURCE = `
'use strict'
const { workerData: { requests, progress } } = require('node:worker_threads')
const view = new Int32Array(progress)
const agents = {}
const streams = {}
const agentOf = (module, protocol) => agents[protocol] ??= new module.Agent({ keepAlive: true, maxSockets: 8 })

function sendHttp({ url, method, headers, body, tls, socketPath }, settle, sent) {
  const protocol = new URL(url).protocol
  const module = require(protocol === 'https:' ? 'node:https' : 'node:http')
  const length = { 'content-length': String(body.byteLength) }
  const agent = agentOf(module, protocol)
  const options = { ...tls, method, headers: { ...headers, ...length }, agent, socketPath }
  const request = module.request(url, options, (response) => {
    settle(response.statusCode >= 200 && response.statusCode < 300 ? 1 : 2)
    response.resume()
    response.on('error', () => {})
  })
  request.on('finish', sent)
  request.on('error', () => settle(2))
  request.end(body)
}

async function sendDatagrams({ host, port, datagrams }, settle) {
  const { address, family } = await require('node:dns').promises.lookup(host)
  const socket = require('node:dgram').createSocket(family === 6 ? 'udp6' : 'udp4')
  socket.on('error', () => settle(2))
  await new Promise((resolve) => socket.connect(port, address, resolve))
  for (const bytes of datagrams)
    await new Promise((resolve) => socket.send(bytes, (error) => resolve(error && settle(2))))
  // A refusal is told by the next poll.
  setImmediate(() => setImmediate(() => settle(1)))
}

// In order, over one connection, as such receivers expect it.
function sendStream({ host, port, path, bytes }, settle) {
  const key = path ?? host + ':' + port
  const open = () => require('node:net').connect(path === undefined ? { host, port } : { path })
  const socket = streams[key] ??= open()
  socket.on('error', () => settle(2))
  socket.resume()
  socket.write(bytes, (error) => setImmediate(() => setImmediate(() => settle(error ? 2 : 1))))
}

requests.forEach((request, index) => {
  let settled = false
  const settle = (status) => {
    if (settled) return
    settled = true
    Atomics.store(view, index + 1, status)
    Atomics.add(view, 0, 1)
    Atomics.notify(view, 0)
  }
  const failed = () => settle(2)
  const sent = () => Atomics.compareExchange(view, index + 1, 0, 3)
  try {
    if (request.protocol === 'udp') sendDatagrams(request, settle).catch(failed)
    else if (request.protocol === 'stream') sendStream(request, settle)
    else sendHttp(request, settle, sent)
  } catch {
    failed()
  }
})
`

/**
 * The source of the worker that sends what is pending while the main thread waits in `Atomics.wait`. Text, because a bundled
 * app has no file to start a worker from. It gets `requests` and `progress`: how many are settled, then per request
 * 0 (not sent yet), 1 (acknowledged), 2 (failed) or 3 (sent, no answer yet).
 */
export const EXIT_WORKER_SOURCE = `
'use strict'
const { workerData: { requests, progress } } = require('node:worker_threads')
const view = new Int32Array(progress)
const agents = {}
const agentOf = (module, protocol) => agents[protocol] ??= new module.Agent({ keepAlive: true, maxSockets: 8 })
requests.forEach(({ url, method, headers, body, tls }, index) => {
  let settled = false
  const settle = (status) => {
    if (settled) return
    settled = true
    Atomics.store(view, index + 1, status)
    Atomics.add(view, 0, 1)
    Atomics.notify(view, 0)
  }
  try {
    const protocol = new URL(url).protocol
    const module = require(protocol === 'https:' ? 'node:https' : 'node:http')
    const length = { 'content-length': String(body.byteLength) }
    const options = { ...tls, method, headers: { ...headers, ...length }, agent: agentOf(module, protocol) }
    const request = module.request(url, options, (response) => {
      settle(response.statusCode >= 200 && response.statusCode < 300 ? 1 : 2)
      response.resume()
      response.on('error', () => {})
    })
    request.on('finish', () => Atomics.compareExchange(view, index + 1, 0, 3))
    request.on('error', () => settle(2))
    request.end(body)
  } catch {
    settle(2)
  }
})
`

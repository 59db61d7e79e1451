// What `register()` changes in the process, `shutdown()` changes back: `left` is what it did not.
const channels = require('node:diagnostics_channel')
const http = require('node:http')
const https = require('node:https')
const Module = require('node:module')
const net = require('node:net')

const state = () => ({
  load: Module._load,
  listen: net.Server.prototype.listen,
  emit: [net, http, https].map(
    ({ Server }) => Object.getOwnPropertyDescriptor(Server.prototype, 'emit')?.value,
  ),
  request: [http.request, http.get, https.request, https.get],
  subscribed: ['fastify.initialization', 'tracing:pino_asJson:start', 'undici:request:create'].map(
    (name) => channels.channel(name).hasSubscribers,
  ),
  listeners: ['SIGTERM', 'SIGINT', 'exit', 'beforeExit'].map((name) => process.listenerCount(name)),
})
const isSame = (one, other) =>
  Array.isArray(one) ? one.every((value, i) => Object.is(value, other[i])) : one === other

const before = state()
const { register, start } = require('hashira')
for (let i = 0; i < Number(process.env.TIMES); i++) register()
const server = http.createServer((_request, response) => response.end())
server.listen(0, '127.0.0.1', async () => {
  await (await fetch(`http://127.0.0.1:${server.address().port}`)).text()
  server.close()
  server.closeAllConnections()
  const { spans } = await start().shutdown()
  const after = state()
  const left = Object.keys(before).filter((key) => !isSame(before[key], after[key]))
  console.log(JSON.stringify({ msg: 'stopped', left, created: spans.created }))
})

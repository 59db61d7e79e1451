import { createServer, Agent, get } from 'node:http'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { start } from 'hashira'
import { observe } from '@hashira/express'
import { runInContext, rootContext, suppressTracing } from '@hashira/core'
import { enableTracing, alwaysOnSampler, defaultSpanLimits, spanCounts } from '@hashira/tracing'
const require = createRequire(import.meta.url)
start({ exporters: [], quiet: true, handleSignals: false })
enableTracing({ sampler: alwaysOnSampler, limits: defaultSpanLimits, sinks: [{ append() {}, refuse() {} }] })
for (const [name, on] of [['express', true], ['express', false], ['express4', true], ['express4', false], ['express', true], ['express', false]]) {
  const express = require(name)
  const app = express()
  if (on) app.use(observe())
  for (let i = 0; i < 8; i++) app.use((q, r, n) => n())
  const router = express.Router()
  app.use('/api/:t', router)
  router.get('/users/:id', (q, r) => r.end('ok'))
  const server = createServer(app); server.listen(0, '127.0.0.1'); await once(server, 'listening')
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const one = (i) => new Promise((ok) => get({ port: server.address().port, host: '127.0.0.1', path: `/api/${i}/users/${i}`, agent }, (r) => r.resume().on('end', ok)))
  const run = async (n) => { for (let i = 0; i < n; i += 50) await Promise.all(Array.from({ length: 50 }, (_, k) => one(i + k))) }
  await runInContext(suppressTracing(rootContext), async () => {
    await run(3000); gc(); const h = process.memoryUsage().heapUsed, c = process.cpuUsage()
    await run(12000); const d = process.cpuUsage(c); gc(); await new Promise(r=>setTimeout(r,20)); gc()
    console.log(name, on, 'cpu us/req (client included)', ((d.user + d.system) / 12000).toFixed(1), 'heap +KB', ((process.memoryUsage().heapUsed - h) / 1024).toFixed(0))
  })
  agent.destroy(); server.closeAllConnections(); server.close()
}
console.log(spanCounts()); process.exit()

// Has the line already, with options of its own: they count.
import { createServer } from 'node:http'
import { askItself, serve } from './serve.cjs'

const labels = { tenant: () => 'acme' }
if (process.env.FRAMEWORK === 'express') {
  const [{ default: express }, { observe }] = await Promise.all([
    import('express'),
    import('@hashira/express'),
  ])
  const app = express()
  app.use(observe({ labels }))
  app.get('/users/:id', (_request, response) => response.send('user'))
  await serve(createServer(app))
} else {
  const [{ default: fastify }, { default: observe }] = await Promise.all([
    import('fastify'),
    import('@hashira/fastify'),
  ])
  const app = fastify()
  await app.register(observe, { labels })
  app.get('/users/:id', async () => 'user')
  await app.listen({ port: 0, host: '127.0.0.1' })
  await askItself(app.server.address().port, () => app.close())
}
const { collectMetrics } = await import('@hashira/core')
const { families } = await collectMetrics()
const durations = families.find(({ name }) => name === 'http.server.request.duration')
console.log(
  JSON.stringify({
    msg: 'durations',
    points: durations.points.map(({ attributes, count }) => [attributes, count]),
  }),
)

import { askItself } from './serve.cjs'

const { default: fastify } = await import(process.env.FRAMEWORK)
const app = fastify({ logger: true })
app.get('/users/:id', async (request) => {
  request.log.info({ id: request.params.id }, 'user')
  return 'user'
})
await app.listen({ port: 0, host: '127.0.0.1' })
await askItself(app.server.address().port, () => app.close())

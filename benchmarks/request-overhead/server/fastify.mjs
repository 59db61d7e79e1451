/** The app under Fastify, with Fastify's own logger. Resolves to the port. */
export async function startFastify({ require, hashira, logs, destination }) {
  const { fastify, LogController } = require('fastify')
  const logController = new LogController({ disableRequestLogging: true })
  const app = fastify({ logger: logs && { stream: destination }, logController })
  if (hashira) app.register(hashira('@hashira/fastify').observe)
  app.register(async (routes) => {
    routes.get('/users/:id', async (request) => {
      if (logs) request.log.info({ user: request.params.id }, 'found')
      return { id: request.params.id, name: 'Ada' }
    })
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app.server.address().port
}

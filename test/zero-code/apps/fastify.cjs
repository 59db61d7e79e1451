const fastify = require(process.env.FRAMEWORK)
const { askItself } = require('./serve.cjs')

const app = fastify({ logger: true })
app.get('/users/:id', async (request) => {
  request.log.info({ id: request.params.id }, 'user')
  return 'user'
})
app.listen({ port: 0, host: '127.0.0.1' }).then(() => askItself(app.server.address().port, () => app.close()))

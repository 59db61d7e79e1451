const { createServer } = require('node:http')
const express = require(process.env.FRAMEWORK)
const logger = require(process.env.PINO)()
const { serve } = require('./serve.cjs')

const app = express()
const users = express.Router()
users.get('/:id', (request, response) => {
  logger.info({ id: request.params.id }, 'user')
  response.send('user')
})
app.use('/users', users)
const wrapped = process.env.WRAPPED === 'true' ? (request, response) => app(request, response) : app
serve(createServer(wrapped))

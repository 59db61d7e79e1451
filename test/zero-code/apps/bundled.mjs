// Bundled into one file by the test: no module of it is loaded by Node.
import { createServer } from 'node:http'
import express from 'express'
import pino from 'pino'
import { serve } from './serve.cjs'

const logger = pino()
const app = express()
app.get('/users/:id', (request, response) => {
  logger.info({ id: request.params.id }, 'user')
  response.send('user')
})
serve(createServer(app))

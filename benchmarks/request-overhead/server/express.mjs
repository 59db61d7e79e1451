import { once } from 'node:events'

/** The app under Express, with a pino logger beside it. Resolves to the port. */
export async function startExpress({ require, hashira, logs, destination }) {
  const express = require('express')
  const logger = logs ? createLogger(require, hashira, destination) : undefined
  const app = express()
  if (hashira) app.use(hashira('@hashira/express').observe())
  app.get('/users/:id', (request, response) => {
    logger?.info({ user: request.params.id }, 'found')
    response.json({ id: request.params.id, name: 'Ada' })
  })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server.address().port
}

function createLogger(require, hashira, destination) {
  return hashira ? hashira('@hashira/logs').createLogger({}, destination) : require('pino')({}, destination)
}

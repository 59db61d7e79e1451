import { createServer } from 'node:http'
import { serve } from './serve.cjs'

const { default: pino } = await import(process.env.PINO)
const logger = pino()
const server = createServer((request, response) => {
  logger.info({ path: request.url }, 'user')
  response.end('user')
})
await serve(server)

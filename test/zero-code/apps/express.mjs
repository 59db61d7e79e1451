import { createServer } from 'node:http'
import { serve } from './serve.cjs'

const { default: express } = await import(process.env.FRAMEWORK)
const { default: pino } = await import(process.env.PINO)
const logger = pino()
const app = express()
app.get('/users/:id', (request, response) => {
  logger.child({ part: 'users' }).info({ id: request.params.id }, 'user')
  response.send('user')
})
await serve(createServer(app))

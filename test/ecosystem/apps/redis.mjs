// The same as an ES module.
import { trace } from '@opentelemetry/api'
import { Redis } from 'ioredis'

const client = new Redis({ host: '127.0.0.1', port: Number(process.env.REDIS_PORT), lazyConnect: true })
trace.getTracer('app').startActiveSpan('request', async (span) => {
  await client.connect()
  await client.get('cart:7')
  client.disconnect()
  span.end()
})

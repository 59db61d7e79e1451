// An app that knows nothing of Hashira: what it is given by NODE_OPTIONS is all.
const { trace } = require('@opentelemetry/api')
const { Redis } = require('ioredis')

const client = new Redis({ host: '127.0.0.1', port: Number(process.env.REDIS_PORT), lazyConnect: true })
trace.getTracer('app').startActiveSpan('request', async (span) => {
  await client.connect()
  await client.get('cart:7')
  client.disconnect()
  span.end()
})

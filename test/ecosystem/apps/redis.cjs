// An app that knows nothing of Hashira: what it is given by NODE_OPTIONS is all.
const { Redis } = require('ioredis')

const client = new Redis({ host: '127.0.0.1', port: Number(process.env.REDIS_PORT), lazyConnect: true })
client
  .connect()
  .then(() => client.get('cart:7'))
  .then(() => client.disconnect())

// A real PostgreSQL in this process: PGlite behind its socket server. Tells its URL to whoever forked it.
import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'

const server = new PGLiteSocketServer({
  db: await PGlite.create(),
  host: '127.0.0.1',
  port: Number(process.env.PORT),
  maxConnections: 16,
})
await server.start()
process.send?.('ready')
// Whoever started this is gone.
process.once('disconnect', () => process.exit())
process.once('SIGTERM', async () => {
  await server.stop()
  process.exit()
})

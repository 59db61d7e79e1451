// The payments service: Fastify, and PostgreSQL seen through OpenTelemetry's own instrumentation of pg.
import { setTimeout as delay } from 'node:timers/promises'
import observe from '@hashira/fastify'
import { tracer } from '@hashira/tracing'
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg'
import fastify from 'fastify'

// Before pg is loaded, or there is nothing left to instrument.
new PgInstrumentation({ requireParentSpan: true }).enable()
const { default: pg } = await import('pg')

const database = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4 })
await database.query(`CREATE TABLE IF NOT EXISTS payments (
  id serial PRIMARY KEY, cart text NOT NULL, total integer NOT NULL, status text NOT NULL)`)

const app = fastify({ logger: true, disableRequestLogging: true })
await app.register(observe)

app.post('/payments', async (request, reply) => {
  const { cart, total, card } = request.body
  const status = await charge(card, total)
  request.log.info({ cart, total, status }, 'charged')
  const { rows } = await database.query(
    'INSERT INTO payments (cart, total, status) VALUES ($1, $2, $3) RETURNING id',
    [cart, total, status],
  )
  return reply.code(status === 'paid' ? 201 : 402).send({ payment: rows[0].id, status })
})

app.get('/payments/:id', async (request, reply) => {
  const { rows } = await database.query('SELECT * FROM payments WHERE id = $1', [request.params.id])
  if (rows.length === 0) return reply.code(404).send({ error: 'no such payment' })
  return rows[0]
})

// Cards decide what happens, so that the demo has slow and failing requests to look at.
function charge(card, total) {
  return tracer.span('charge card', async (span) => {
    span.setAttribute('payment.provider', 'acme')
    span.setAttribute('payment.total', total)
    if (card === 'slow') await tracer.span('wait for the bank', () => delay(250 + Math.random() * 250))
    else await delay(2 + Math.random() * 8)
    if (card === 'broken') throw new Error('the bank closed the connection')
    return card === 'declined' ? 'declined' : 'paid'
  })
}

await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
process.send?.('ready')
// Whoever started this is gone.
process.once('disconnect', () => process.exit())
process.once('SIGTERM', async () => {
  await app.close()
  await database.end()
  process.exit()
})

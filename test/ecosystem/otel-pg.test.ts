import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, test } from 'node:test'
import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg'
import { childOf, observed } from './support/observed.ts'

const require = createRequire(import.meta.url)
const { inRequest } = observed({ instrumentations: [new PgInstrumentation()] })

test('pg by its OpenTelemetry instrumentation, against PostgreSQL', async () => {
  const db = await PGlite.create()
  const server = new PGLiteSocketServer({ db, port: 0, host: '127.0.0.1' })
  await server.start()
  after(async () => {
    await server.stop()
    await db.close()
  })
  const { Client } = require('pg')
  const [host, port] = server.getServerConn().split(':')
  const client = new Client({ host, port: Number(port), user: 'postgres', database: 'postgres' })
  await client.connect()
  const { request, inside } = await inRequest(async () => {
    const { rows } = await client.query('SELECT $1::int + 1 AS sum', [41])
    assert.equal(rows[0].sum, 42)
  })
  const span = childOf(request, inside, '@opentelemetry/instrumentation-pg')
  assert.equal(span.kind, 2)
  assert.ok(Object.values(span.attributes).includes('SELECT $1::int + 1 AS sum'))
  await client.end()
})

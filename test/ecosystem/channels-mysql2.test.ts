import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { trace } from '@opentelemetry/api'
import { mysqlServer } from './support/mysql-server.ts'
import { childOf, observed } from './support/observed.ts'

const require = createRequire(import.meta.url)
// Loaded before Hashira starts: channels need no hook.
const mysql = require('mysql2')
const { inRequest } = observed({})
const SCOPE = '@hashira/mysql2'

test('mysql2 by its own channels', async (test) => {
  const port = await mysqlServer(mysql)
  const settings = { host: '127.0.0.1', port, user: 'app', database: 'shop', password: '' }

  await test.test('a query: statement without values, server, parent', async () => {
    const connection = await require('mysql2/promise').createConnection(settings)
    const { request, inside } = await inRequest(async () => {
      const [rows] = await connection.query("SELECT * FROM users WHERE id = ? AND name = 'it''s me'", [42])
      assert.equal(rows[0].id, 7)
    })
    const span = childOf(request, inside, SCOPE)
    assert.equal(span.name, 'SELECT users')
    assert.equal(span.kind, 2)
    assert.deepEqual(span.attributes, {
      'db.system.name': 'mysql',
      'db.namespace': 'shop',
      'db.query.text': 'SELECT * FROM users WHERE id = ? AND name = ?',
      'db.query.summary': 'SELECT users',
      'db.operation.name': 'SELECT',
      'server.address': '127.0.0.1',
      'server.port': port,
    })
    await connection.end()
  })

  await test.test('an error', async () => {
    const connection = await require('mysql2/promise').createConnection(settings)
    const { request, inside } = await inRequest(() =>
      assert.rejects(connection.query('SELECT * FROM missing'), { errno: 1146 }),
    )
    const span = childOf(request, inside, SCOPE)
    assert.equal(span.statusCode, 2)
    assert.equal(span.attributes['error.type'], 'ER_NO_SUCH_TABLE')
    assert.equal(span.attributes['db.response.status_code'], '1146')
    assert.equal(span.events.length, 1)
    await connection.end()
  })

  await test.test('a callback of a pool gets the context of the request back', async () => {
    const pool = mysql.createPool(settings)
    const { request, inside } = await inRequest(
      () =>
        new Promise<void>((resolve, reject) => {
          const outer = trace.getActiveSpan()!.spanContext().spanId
          pool.query('SELECT 1', (error: unknown) => {
            if (error) return reject(error)
            assert.equal(trace.getActiveSpan()?.spanContext().spanId, outer)
            resolve()
          })
        }),
    )
    const span = childOf(request, inside, SCOPE)
    assert.equal(span.name, 'SELECT')
    assert.equal(span.attributes['db.query.text'], 'SELECT ?')
    pool.end()
  })
})

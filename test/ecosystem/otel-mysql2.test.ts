import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { MySQL2Instrumentation } from '@opentelemetry/instrumentation-mysql2'
import { mysqlServer } from './support/mysql-server.ts'
import { childOf, observed } from './support/observed.ts'

const require = createRequire(import.meta.url)
const { inRequest } = observed({ instrumentations: [new MySQL2Instrumentation()] })
const mysql = require('mysql2')

test('mysql2 by its OpenTelemetry instrumentation: one span a query, none of the channels', async () => {
  const port = await mysqlServer(mysql)
  const connection = mysql.createConnection({ host: '127.0.0.1', port, user: 'app', password: '' })
  const { request, inside } = await inRequest(
    () => new Promise((resolve) => connection.query('SELECT 1', resolve)),
  )
  childOf(request, inside, '@opentelemetry/instrumentation-mysql2')
  assert.equal(inside.length, 1)
  connection.destroy()
})

import assert from 'node:assert/strict'
import { tracingChannel } from 'node:diagnostics_channel'
import { describe, it } from 'node:test'
import { memoryExporter } from '@hashira/testing'
import { start } from 'hashira'
import { summaryOf, withoutLiterals } from '../dist/tracing-channels/sql-text'

describe('a statement without its data', () => {
  const statements = new Map([
    [
      "SELECT * FROM users WHERE name = 'O''Brien' AND age > 42",
      'SELECT * FROM users WHERE name = ? AND age > ?',
    ],
    ["SELECT 'a\\'b', \"c\", -1.5e3, 0xFF", 'SELECT ?, ?, ?, ?'],
    [
      'SELECT t1.col2 FROM t1 /* card 4111 */ WHERE x IN (1,2) -- 4111',
      'SELECT t1.col2 FROM t1  WHERE x IN (?,?)',
    ],
    ['SELECT 1 # 4111', 'SELECT ?'],
    ["SELECT 'cut off", 'SELECT ?'],
    ["SELECT '-- no comment' FROM a", 'SELECT ? FROM a'],
  ])
  for (const [given, wanted] of statements)
    it(given, () => {
      assert.equal(withoutLiterals(given), wanted)
    })

  it('is short work for a hostile statement', () => {
    const startMs = performance.now()
    withoutLiterals("'".repeat(100_000))
    withoutLiterals('/*'.repeat(100_000))
    withoutLiterals('1.'.repeat(100_000))
    withoutLiterals(`'${"\\'".repeat(100_000)}`)
    assert.ok(performance.now() - startMs < 5_000)
  })

  it('names the operation and the first table', () => {
    assert.deepEqual(summaryOf('insert into `shop`.`users` (a) values (?)'), {
      operation: 'INSERT',
      table: 'shop.users',
    })
    assert.deepEqual(summaryOf('UPDATE users SET a = ?'), { operation: 'UPDATE', table: 'users' })
    assert.deepEqual(summaryOf('DROP TABLE IF EXISTS carts'), { operation: 'DROP', table: 'carts' })
    assert.deepEqual(summaryOf('BEGIN'), { operation: 'BEGIN', table: undefined })
    assert.deepEqual(summaryOf(''), { operation: undefined, table: undefined })
  })
})

describe('tracing channels', () => {
  const query = () => tracingChannel<unknown, object>('mysql2:query')
  const publish = (message: object) =>
    query().traceSync(() => {
      /* the call itself */
    }, message)

  it('are let go by shutdown()', async () => {
    const hashira = start({ exporters: [memoryExporter()], quiet: true, handleSignals: false })
    assert.ok(query().start.hasSubscribers)
    await hashira.shutdown()
    assert.ok(!query().start.hasSubscribers)
    assert.ok(!query().asyncEnd.hasSubscribers)
  })

  it('take messages of any shape', async () => {
    const memory = memoryExporter()
    const hashira = start({ exporters: [memory], quiet: true, handleSignals: false })
    publish({})
    publish({ query: 7, serverPort: 'x', database: null })
    publish(
      new Proxy(
        {},
        {
          get() {
            throw new Error('read')
          },
        },
      ),
    )
    assert.deepEqual(
      memory.spans.map(({ name }) => name),
      ['mysql', 'mysql'],
    )
    await hashira.shutdown()
  })

  it('are chosen by name, and a wrong name is an error', async () => {
    const hashira = start({ exporters: [], tracingChannels: ['ioredis'], quiet: true, handleSignals: false })
    assert.ok(!query().start.hasSubscribers)
    assert.ok(tracingChannel('ioredis:command').start.hasSubscribers)
    await hashira.shutdown()
    assert.throws(() => start({ tracingChannels: ['oracle'] }), { code: 'HASHIRA_OPTION_INVALID' })
  })
})

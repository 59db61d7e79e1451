// The table of docs/context.md has a test for every row, and a row for every test.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

test('every row of the table in docs/context.md is a test, and the other way round', () => {
  const folder = import.meta.dirname
  const page = readFileSync(join(folder, '..', '..', 'docs', 'context.md'), 'utf8')
  const rows = [...page.matchAll(/^\| (.+?) \|/gm)].map(([, place]) => place!)
  const tests = readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .flatMap((name) => [...readFileSync(join(folder, name), 'utf8').matchAll(/^row\('(.+)', async/gm)])
    .map(([, name]) => name!)
  assert.deepEqual(rows.filter((place) => place !== 'place' && !/^-+$/.test(place)).sort(), tests.sort())
  assert.ok(tests.length > 30)
})

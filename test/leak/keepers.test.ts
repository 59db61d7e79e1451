// No asynchronous context keeps a finished request alive: its span's attributes and events, its objects and its error.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)
const program = join(import.meta.dirname, 'keepers-app.mjs')

describe('what holds the context of a finished request holds nothing of the request', () => {
  for (const way of ['node:http', 'http2', 'express', 'fastify', 'koa', 'hono', 'nest']) {
    test(way, async () => {
      const { stdout } = await run(process.execPath, ['--expose-gc', program, way], { timeout: 60_000 })
      const { watched, left, kept } = JSON.parse(stdout) as {
        watched: string[]
        left: string[]
        kept: number
      }
      assert.deepEqual(left, [])
      for (const name of ['attributes', 'events', 'error']) assert.ok(watched.includes(name), name)
      assert.ok(watched.length >= 5 && kept === 22, `${watched} ${kept}`)
    })
  }
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { command } from './command.mjs'
import { node } from './given.mjs'

describe('the other Node lines', () => {
  for (const [line, { path, missing }] of Object.entries(node)) {
    it(`runs Node ${line}`, { skip: missing ?? false }, async () => {
      assert.match(await command(path, ['--version']), new RegExp(`^v${line}\\.`))
    })
  }
})

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'

const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')

describe('the published types, strict and with library checks', () => {
  for (const resolution of ['node16', 'bundler']) {
    it(`compile under moduleResolution ${resolution}, as does what users write`, () => {
      const project = join(import.meta.dirname, `tsconfig.${resolution}.json`)
      const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', project], { encoding: 'utf8' })
      assert.equal(status, 0, stdout)
    })
  }
})

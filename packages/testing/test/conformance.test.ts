import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { exporterConformance } from '@hashira/testing'
import { lineConformance, type Mistake } from './support/line-exporter'

for (const backend of ['http', 'udp', 'tcp', 'stream'] as const) exporterConformance(lineConformance(backend))

/** Each mistake, and tests that must find it. */
const mistakes: Record<Mistake, readonly string[]> = {
  'forgets events': ['exception', 'huge'],
  'loses spans in silence': ['down from the start', '503 is tried again', '400 is final'],
  'counts too many': ['root', 'healthy'],
  'never retries': ['down from the start', 'connections are reset', 'dies between requests and comes back'],
  'retries for ever': ['400 is final'],
  'shows its key': ['healthy'],
  'breaks its batch': ['what can not be encoded is lost alone'],
  'reads everything': ['an answer of 100 MB'],
  'merges series': ['every type, attribute and number'],
}

describe('what the kit finds', { concurrency: 4 }, () => {
  for (const [mistake, titles] of Object.entries(mistakes)) {
    it(`an exporter that ${mistake}`, async () => {
      const { failed } = await testsOf('mistaken-exporter.ts', mistake)
      for (const title of titles)
        assert.ok(failed.has(title), `"${title}" did not fail: ${[...failed].join(', ')}`)
    })
  }
})

it('finds an adapter that observes nothing', async () => {
  const { failed, passed } = await testsOf('blind-adapter.ts')
  assert.deepEqual([...passed], [])
  assert.ok(failed.has('names a request by its route') && failed.has('a client that goes away'))
})

/** The titles of the tests that fail and pass, of the kit in a process of its own. */
function testsOf(fixture: string, ...args: string[]): Promise<{ failed: Set<string>; passed: Set<string> }> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const file = join(__dirname, 'support', fixture)
  const options = ['--import', 'tsx', '--test-reporter=tap', file, ...args]
  return new Promise((resolve) => {
    execFile(process.execPath, options, { env, maxBuffer: 1e8 }, (_error, output) => {
      const titles = (result: RegExp) =>
        new Set(output.split('\n').flatMap((line) => result.exec(line)?.[1] ?? []))
      resolve({ failed: titles(/^\s*not ok \d+ - (.*)$/), passed: titles(/^\s*ok \d+ - (.*)$/) })
    })
  })
}

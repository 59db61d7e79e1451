// Runs the `*.test.mjs` of this folder against real backends: `npm run test:backends`, or `-- jaeger datadog-traces` for those that
// need one of these backends and, for any other word, those whose file names begin so.
// A backend that cannot be had skips its tests, with the reason; it fails nothing.
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { Backends, backendNames, loadBackend } from './backends.mjs'
import { neededBy } from './given.mjs'
import { table } from './table.mjs'
import { Tally } from './tally.mjs'

const wanted = process.argv.slice(2)
const tests = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.test.mjs'))
  .map((file) => ({ file, needs: neededBy(readFileSync(join(import.meta.dirname, file), 'utf8')) }))
  .filter(isWanted)
if (tests.length === 0) {
  console.error(`no test file matches ${wanted.join(' ')}`)
  process.exit(1)
}
// A misspelt name is said before anything is started.
for (const { needs } of tests) await Promise.all(needs.map(loadBackend))

const header = ['test', 'backend', 'version', 'cases', 'passed', 'failed', 'skipped', 'why skipped']
const rows = []
const backends = new Backends()
try {
  for (const { file, needs } of tests) {
    console.log(`\n${file}`)
    await backends.start(needs)
    const given = backends.given(needs)
    process.env.HASHIRA_TEST_BACKENDS = JSON.stringify(given)
    const { cases, passed, failed, skipped, reasons } = await runFile(file)
    const versions = needs.map((name) => given[name].version ?? '-')
    const name = file.slice(0, -'.test.mjs'.length)
    rows.push([name, needs.join(' + '), versions.join(' + '), cases, passed, failed, skipped, reasons])
    if (failed > 0) process.exitCode = 1
  }
} finally {
  await backends.stop()
}
console.log(`\n${table([header, ...rows])}`)

function isWanted({ file, needs }) {
  if (wanted.length === 0) return true
  return wanted.some((name) => (backendNames.includes(name) ? needs.includes(name) : file.startsWith(name)))
}

// A run for each file: a test that a helper declares does not tell which file it belongs to.
async function runFile(file) {
  const stream = run({ files: [join(import.meta.dirname, file)], concurrency: 1 })
  const tally = new Tally(stream)
  const report = stream.compose(new spec())
  report.pipe(process.stdout, { end: false })
  await once(report, 'end')
  return tally
}

// Runs every `*.test.mjs` of this folder against real backends: `npm run test:backends`, or `-- jaeger` for those of some backends.
// A backend that cannot be had skips its tests, with the reason; it fails nothing.
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { backends } from './prepare.mjs'
import { table } from './table.mjs'
import { backendOf, Tally } from './tally.mjs'

const wanted = process.argv.slice(2)
const files = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.test.mjs'))
  .filter((name) => wanted.length === 0 || wanted.includes(backendOf(name)))
  .sort()
const names = [...new Set(files.map(backendOf))]
if (files.length === 0) {
  console.error(`no test file matches ${wanted.join(' ')}`)
  process.exit(1)
}

const prepared = {}
let tally
try {
  for (const name of names) {
    console.log(`preparing ${name}`)
    prepared[name] = (await backends[name]?.()) ?? { version: '-', env: {} }
    Object.assign(process.env, prepared[name].env)
  }
  const stream = run({ files: files.map((name) => join(import.meta.dirname, name)), concurrency: 1 })
  tally = new Tally(stream)
  const report = stream.compose(new spec())
  report.pipe(process.stdout, { end: false })
  await once(report, 'end')
} finally {
  for (const { stop } of Object.values(prepared)) await stop?.()
}

const rows = names.map((name) => {
  const { run, passed, failed, skipped, reasons } = tally.of(name)
  return [name, prepared[name].version, run, passed, failed, skipped, [...reasons].join('; ')]
})
console.log(
  `\n${table([['backend', 'version', 'run', 'passed', 'failed', 'skipped', 'why skipped'], ...rows])}`,
)
process.exitCode = tally.failed > 0 ? 1 : 0

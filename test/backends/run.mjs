// Runs every `*.test.mjs` of this folder against real backends: `npm run test:backends`, or `-- jaeger` for those of some backends.
// A backend that cannot be had skips its tests, with the reason; it fails nothing.
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { backends } from './prepare.mjs'
import { table } from './table.mjs'
import { Tally } from './tally.mjs'

const wanted = process.argv.slice(2)
const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.mjs'))
const names = [...new Set(files.map(backendOf))]
  .filter((name) => !wanted.length || wanted.includes(name))
  .sort()
if (names.length === 0) {
  console.error(`no test file matches ${wanted.join(' ')}`)
  process.exit(1)
}

const header = ['backend', 'version', 'run', 'passed', 'failed', 'skipped', 'why skipped']
const rows = []
for (const name of names) {
  console.log(`\n${name}`)
  const { version, env, stop } = (await backends[name]?.()) ?? { version: '-', env: {} }
  try {
    Object.assign(process.env, env)
    const { run, passed, failed, skipped, reasons } = await runFiles(
      files.filter((file) => backendOf(file) === name),
    )
    rows.push([name, version, run, passed, failed, skipped, [...reasons].join('; ')])
    if (failed > 0) process.exitCode = 1
  } finally {
    await stop?.()
  }
}
console.log(`\n${table([header, ...rows])}`)

/** `jaeger` for `jaeger-demo.test.mjs`. */
function backendOf(file) {
  return file.split(/[-.]/)[0]
}

// One run a backend: a test may be declared by a helper, and would then not tell the file that it belongs to.
async function runFiles(names) {
  const stream = run({ files: names.map((name) => join(import.meta.dirname, name)), concurrency: 1 })
  const tally = new Tally(stream)
  const report = stream.compose(new spec())
  report.pipe(process.stdout, { end: false })
  await once(report, 'end')
  return tally
}

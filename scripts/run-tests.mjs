// Runs every test of the workspace with node:test: `npm test`, or `npm test -- core tracing` for those whose path has one of the words.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

process.chdir(join(import.meta.dirname, '..'))
const named = process.argv.slice(2)
const folders = [
  ...readdirSync('packages').map((name) => join('packages', name, 'test')),
  'test',
  ...examples(),
]
const all = folders.flatMap(testsIn)
const files =
  named.length === 0
    ? all
    : all.filter((file) =>
        named.some((name) => (name.endsWith('/') ? file.startsWith(name) : file.includes(name))),
      )

function examples() {
  return readdirSync('examples').map((name) => join('examples', name, 'test'))
}

function testsIn(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    if (statSync(path).isDirectory())
      return name === 'backends' || name === 'node_modules' ? [] : testsIn(path)
    return name.endsWith('.test.ts') ? [path] : []
  })
}

if (files.length === 0) {
  console.error(`no test file matches ${named.join(' ')}`)
  process.exit(1)
}
const { status } = spawnSync(
  process.execPath,
  ['--import', 'tsx', '--test', '--test-reporter=spec', '--test-concurrency=2', ...files],
  { stdio: 'inherit' },
)
process.exit(status ?? 1)

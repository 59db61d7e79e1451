// Runs every test of the workspace with node:test: `npm test`, or `npm test -- core tracing` for some packages, or paths of test files.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const named = process.argv.slice(2)
const folders = [
  ...readdirSync('packages').map((name) => join('packages', name, 'test')),
  'test',
  ...examples(),
]
const files = named.some((name) => name.endsWith('.test.ts'))
  ? named
  : folders
      .filter((folder) => named.length === 0 || named.some((name) => folder.includes(name)))
      .flatMap(testsIn)

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

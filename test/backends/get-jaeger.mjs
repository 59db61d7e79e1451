import { chmodSync, copyFileSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from './cache.mjs'
import { command } from './command.mjs'
import { isMain } from './is-main.mjs'

// One release, two numbers: Jaeger tags its Go module 1.x and the program in it 2.x.
const moduleVersion = 'v1.76.0'
const release = 'v2.13.0'
const module = 'github.com/jaegertracing/jaeger'

// 6 minutes on two free cores.
const buildTimeoutMs = 25 * 60_000

/** The Jaeger program: `{ path, version }`, or `{ missing: reason }`. Builds it with Go at the first call (minutes). */
export async function jaegerBinary() {
  try {
    const path = process.env.JAEGER_BIN || (await cachedOrBuilt())
    return { path, version: await versionOf(path) }
  } catch (error) {
    return { missing: error.message }
  }
}

async function versionOf(path) {
  const stdout = await command(path, ['version'])
  const version = /"gitVersion":\s*"([^"]*)"/.exec(stdout)?.[1]
  if (version === undefined)
    throw new Error(`${path} is not Jaeger: \`version\` printed ${stdout.slice(0, 100) || 'nothing'}`)
  return version || 'unknown'
}

async function cachedOrBuilt() {
  const path = join(cacheFolder(), `jaeger-${release}`)
  if (!existsSync(path)) await build(path)
  return path
}

async function build(path) {
  const folder = mkdtempSync(join(cacheFolder(), 'build-jaeger-'))
  const log = join(cacheFolder(), 'jaeger-build.log')
  rmSync(log, { force: true })
  const deadline = Date.now() + buildTimeoutMs
  const go = (...args) =>
    command('nice', ['-n', '10', 'go', ...args], {
      cwd: folder,
      env: { GOTOOLCHAIN: 'local' },
      log,
      timeoutMs: Math.max(1, deadline - Date.now()),
    })
  try {
    await command('go', ['version'], { log })
    // `go install` refuses a module with replace lines, and starting from Jaeger's own go.sum pins what it was released with.
    writeFileSync(join(folder, 'go.mod'), 'module jaegerbin\ngo 1.25\n')
    const { Dir } = JSON.parse(await go('mod', 'download', '-json', `${module}@${moduleVersion}`))
    copyFileSync(join(Dir, 'go.sum'), join(folder, 'go.sum'))
    chmodSync(join(folder, 'go.sum'), 0o644)
    await go('get', '-tool', `${module}/cmd/jaeger@${moduleVersion}`)
    const stamp = `-s -w -X ${module}/internal/version.latestVersion=${release}`
    await go('build', '-o', 'jaeger', '-ldflags', stamp, `${module}/cmd/jaeger`)
    renameSync(join(folder, 'jaeger'), path)
  } catch (error) {
    throw new Error(`Jaeger could not be built (${error.message}; log: ${log})`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (isMain(import.meta.url)) {
  const { path, version, missing } = await jaegerBinary()
  console.log(missing ?? `${path} ${version}`)
  process.exitCode = missing ? 1 : 0
}

import { chmodSync, copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cached } from './cached.mjs'
import { command } from './command.mjs'

/** Runs `go` in `folder` at a low priority, with the toolchain that is installed, for no longer than `timeoutMs` over all its calls. */
export function goIn({ folder, log, timeoutMs, env }) {
  const deadline = Date.now() + timeoutMs
  return (...args) =>
    command('nice', ['-n', '10', 'go', ...args], {
      cwd: folder,
      env: { GOTOOLCHAIN: 'local', ...env },
      log,
      timeoutMs: Math.max(1, deadline - Date.now()),
    })
}

/**
 * The path of a Go program, built at the first call and cached as `name`: `package` of `module` at `version`.
 * `go install` refuses a module with replace lines; a module of our own takes it as a dependency, and starting from the program's own
 * `go.sum` pins what it was released with.
 */
export function goProgram({ name, module, version, package: main, ldflags = '-s -w', timeoutMs }) {
  return cached(name, async ({ folder, log }) => {
    const go = goIn({ folder, log, timeoutMs })
    await command('go', ['version'], { log })
    writeFileSync(join(folder, 'go.mod'), 'module backend\ngo 1.25\n')
    const { Dir } = JSON.parse(await go('mod', 'download', '-json', `${module}@${version}`))
    copyFileSync(join(Dir, 'go.sum'), join(folder, 'go.sum'))
    chmodSync(join(folder, 'go.sum'), 0o644)
    await go('get', '-tool', `${main}@${version}`)
    await go('build', '-o', 'program', '-ldflags', ldflags, main)
    return join(folder, 'program')
  })
}

import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from './cache.mjs'
import { waitFor } from './wait-for.mjs'

const waitMs = 40 * 60_000

/**
 * The path of `name` in the cache. Where it is not there yet, `make({ folder, log })` makes a file or folder inside the temporary
 * `folder` and returns its path, and it is moved into the cache; `log` is a file for what the programs on the way print.
 * One process at a time: a second one waits for the first, because two builds at once take longer than one after the other.
 */
export async function cached(name, make) {
  const path = join(cacheFolder(), name)
  if (existsSync(path)) return path
  const lock = `${path}.lock`
  await waitFor(`the other process that makes ${name}`, () => existsSync(path) || take(lock), {
    timeoutMs: waitMs,
    intervalMs: 500,
  })
  const log = `${path}.log`
  const folder = mkdtempSync(join(cacheFolder(), `making-${name}-`))
  try {
    if (existsSync(path)) return path
    rmSync(log, { force: true })
    renameSync(await make({ folder, log }), path)
    return path
  } catch (error) {
    throw new Error(existsSync(log) ? `${error.message} (log: ${log})` : error.message)
  } finally {
    rmSync(folder, { recursive: true, force: true })
    release(lock)
  }
}

// The file holds the id of the process that has the lock; a process that is no more has none.
function take(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    if (!isRunning(ownerOf(lock))) rmSync(lock, { force: true })
    return false
  }
}

function release(lock) {
  if (ownerOf(lock) === process.pid) rmSync(lock, { force: true })
}

function ownerOf(lock) {
  try {
    return Number(readFileSync(lock, 'utf8'))
  } catch {
    return 0
  }
}

function isRunning(pid) {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch {
    return false
  }
}

import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cacheFolder } from './cache.mjs'
import { release, take } from './lock.mjs'
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
  try {
    if (!existsSync(path)) await fill(path, make)
    return path
  } finally {
    release(lock)
  }
}

async function fill(path, make) {
  const making = `${path}.making-`
  // Those of processes that were ended on the way.
  for (const left of siblings(path).filter((file) => file.startsWith(making)))
    rmSync(left, { recursive: true, force: true })
  const folder = mkdtempSync(making)
  const log = `${path}.log`
  rmSync(log, { force: true })
  try {
    renameSync(await make({ folder, log }), path)
  } catch (error) {
    throw new Error(existsSync(log) ? `${error.message} (log: ${log})` : error.message)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function siblings(path) {
  const folder = dirname(path)
  return readdirSync(folder).map((name) => join(folder, name))
}

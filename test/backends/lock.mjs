import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

/** Takes the lock file `path` for this process, unless a process that still runs has it: whether it did. */
export function take(path) {
  // By link: the file is there together with the id of its process.
  const own = `${path}.${process.pid}`
  writeFileSync(own, String(process.pid))
  try {
    linkSync(own, path)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    if (!isRunning(ownerOf(path))) rmSync(path, { force: true })
    return false
  } finally {
    rmSync(own, { force: true })
  }
}

/** Gives the lock back, where this process has it. */
export function release(path) {
  if (ownerOf(path) === process.pid) rmSync(path, { force: true })
}

function ownerOf(path) {
  try {
    return Number(readFileSync(path, 'utf8'))
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

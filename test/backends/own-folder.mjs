import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Gives a server a temporary folder: `start(folder)` returns at least `stop()`, and the folder goes after the server has stopped. */
export async function inOwnFolder(name, start) {
  const folder = mkdtempSync(join(tmpdir(), `hashira-${name}-`))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    const server = await start(folder)
    return { ...server, stop: () => server.stop().finally(remove) }
  } catch (error) {
    remove()
    throw error
  }
}

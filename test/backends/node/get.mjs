import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from '../cache.mjs'
import { command } from '../command.mjs'

// `20` stands for the oldest release line that Hashira supports.
const ranges = { 20: '20.19', 22: '22', 24: '24', 26: '26' }

export const nodeLines = Object.keys(ranges)

/**
 * A Node program of a release line: `{ path, version }`, or `{ missing: reason }`. The newest of the line at the first call,
 * the cached one from then on (delete its folder to renew it).
 */
export async function nodeBinary(line) {
  try {
    const range = ranges[line]
    if (!range) throw new Error(`no Node line ${line}; there are ${nodeLines.join(', ')}`)
    const version = cachedVersion(range) ?? (await download(range))
    return { path: join(cacheFolder(), `node-${version}`, 'bin', 'node'), version }
  } catch (error) {
    return { missing: error.message }
  }
}

function cachedVersion(range) {
  return readdirSync(cacheFolder())
    .filter((name) => name.startsWith(`node-${range}.`))
    .map((name) => name.slice('node-'.length))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .at(-1)
}

async function download(range) {
  const folder = mkdtempSync(join(cacheFolder(), 'download-node-'))
  try {
    const name = `node-${process.platform}-${process.arch}`
    const [packed] = JSON.parse(
      await command('npm', ['pack', '--json', '--silent', `${name}@${range}`], { cwd: folder }),
    )
    await command('tar', ['-xzf', packed.filename], { cwd: folder })
    rename(join(folder, 'package'), join(cacheFolder(), `node-${packed.version}`))
    return packed.version
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

// Another process may have put the same version there meanwhile, and then that one serves.
function rename(from, to) {
  try {
    renameSync(from, to)
  } catch (error) {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
  }
}

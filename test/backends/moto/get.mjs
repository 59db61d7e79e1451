import { join } from 'node:path'
import { cached } from '../cached.mjs'
import { command } from '../command.mjs'

const release = '5.2'

/** The Python that has moto (`MOTO_PYTHON`, else a venv made at the first call): `{ path, version }`. */
export async function get() {
  const path = process.env.MOTO_PYTHON || join(await cached(`moto-${release}`, install), 'bin', 'python')
  const version = await command(path, ['-c', 'import moto.server; print(moto.__version__)'])
  return { path, version: version.trim() }
}

async function install({ folder, log }) {
  const venv = join(folder, 'venv')
  await command('python3', ['-m', 'venv', venv], { log, timeoutMs: 60_000 })
  // As a module: scripts name the folder that they were installed in, and this one moves into the cache.
  await command(
    join(venv, 'bin', 'python'),
    ['-m', 'pip', 'install', '--quiet', `moto[server,xray,cloudwatch,logs]~=${release}.0`],
    { log, timeoutMs: 10 * 60_000 },
  )
  return venv
}

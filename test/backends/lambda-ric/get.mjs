import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from '../cache.mjs'
import { command } from '../command.mjs'

/** AWS's runtime client in its two majors: Node 16 to 22 in Lambda run the first, Node 24 the second. */
export const versions = ['3.3.0', '4.0.2']

/** The unpacked folder of a version. Nothing is installed or built: its native part only does HTTP, and the tests stand in for it. */
export async function ricFolder(version) {
  const target = join(cacheFolder(), `aws-lambda-ric-${version}`)
  if (existsSync(target)) return target
  const folder = mkdtempSync(join(cacheFolder(), 'download-ric-'))
  try {
    const [packed] = JSON.parse(
      await command('npm', ['pack', '--json', '--silent', `aws-lambda-ric@${version}`], { cwd: folder }),
    )
    await command('tar', ['-xzf', packed.filename], { cwd: folder })
    renameSync(join(folder, 'package'), target)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return target
}

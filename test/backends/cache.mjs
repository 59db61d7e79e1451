import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where backends are kept between runs: outside the checkout, so that a fresh clone does not build them again. */
export function cacheFolder() {
  const root =
    process.env.HASHIRA_BACKENDS_DIR ||
    join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'hashira-backends')
  mkdirSync(root, { recursive: true })
  return root
}

import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Registry, RegistryContentType } from 'prom-client'
import { useRegistry } from './use-registry'

// Only this module of prom-client: it loads in under 2 ms, all of prom-client in tens.
const MODULE = 'prom-client/lib/registry'

type AppRegistry = Registry<RegistryContentType>

/**
 * The app's own prom-client global registry (`register`): whatever `new Counter()` and the like register anywhere in the app
 * comes out of the same scrape as our metrics. Joined by being imported.
 */
export const registry: AppRegistry = findRegistry()

/**
 * As a peer dependency prom-client resolves from here to the app's copy. With links and preloading from elsewhere it may not,
 * so the copy that the main module sees comes first; in a bundle the copy that was bundled with us is the app's. They are
 * nearly always one and the same; where they are not, both are served.
 */
function findRegistry(): AppRegistry {
  const own = ownRegistry()
  const app = appRegistry()
  for (const found of [app, own]) if (found !== undefined) useRegistry(found)
  const first = app ?? own
  if (first === undefined)
    throw new Error('@hashira/metrics-red needs its peer dependency prom-client 14 or 15')
  return first
}

function ownRegistry(): AppRegistry | undefined {
  try {
    // Written out, so that bundlers see it.
    return require('prom-client/lib/registry').globalRegistry
  } catch {
    return undefined
  }
}

function appRegistry(): AppRegistry | undefined {
  for (const from of [process.argv[1], join(process.cwd(), 'main.js')]) {
    if (from === undefined) continue
    try {
      return createRequire(from)(MODULE).globalRegistry
    } catch {}
  }
  return undefined
}

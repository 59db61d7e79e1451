import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Registry, RegistryContentType } from 'prom-client'
import { joinLoadedRegistries, loadedRegistries } from './loaded-registries'
import { useRegistry } from './use-registry'

// Only this module of prom-client: it loads in under 2 ms, all of prom-client in tens.
const MODULE = 'prom-client/lib/registry'
const SUCCESSOR = '@prometheus-io/client/lib/registry'

type AppRegistry = Registry<RegistryContentType>

/**
 * The app's own prom-client global registry (`register`): whatever `new Counter()` and the like register anywhere in the app
 * comes out of the same scrape as our metrics. Joined by being imported.
 */
export const registry: AppRegistry = findRegistry()

/**
 * As a peer dependency prom-client resolves from here to the app's copy. With links and preloading from elsewhere it may not,
 * so the copy that the main module sees comes first; in a bundle the copy that was bundled with us is the app's. They are
 * nearly always one and the same; where they are not, both are served. Without prom-client it is the registry of its successor,
 * `@prometheus-io/client`; beside prom-client that one is joined when it is loaded.
 */
function findRegistry(): AppRegistry {
  const own = ownRegistry()
  const app = fromApp(MODULE)
  for (const found of [app, own]) if (found !== undefined) useRegistry(found)
  // After them: of two that have the same series, the first one's is shown, in every scrape.
  joinLoadedRegistries()
  const first = app ?? own ?? successorRegistry()
  if (first === undefined)
    throw new Error(
      '@hashira/metrics-red needs its peer dependency prom-client 14 or 15, or @prometheus-io/client',
    )
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

function successorRegistry(): AppRegistry | undefined {
  const [loaded] = loadedRegistries()
  const found = (loaded?.registry as AppRegistry | undefined) ?? fromApp(SUCCESSOR)
  if (found !== undefined) useRegistry(found)
  return found
}

function fromApp(module: string): AppRegistry | undefined {
  for (const from of [process.argv[1], join(process.cwd(), 'main.js')]) {
    if (from === undefined) continue
    try {
      return createRequire(from)(module).globalRegistry
    } catch {}
  }
  return undefined
}

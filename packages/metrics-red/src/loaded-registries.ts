import { createRequire } from 'node:module'
import { join } from 'node:path'
import { addMetricSource, type Collected, shared, warnOnce } from '@hashira/core'
import { isRegistryAdapter } from './registry-adapter'
import type { RegistryLike } from './registry-like'
import { registrySource } from './registry-source'
import { useRegistry, wasUsed } from './use-registry'

/** prom-client and its successor keep their global registry in the same file. */
const REGISTRY_FILE =
  /[\\/]node_modules[\\/](prom-client|@prometheus-io[\\/]client)[\\/]lib[\\/]registry\.js$/

type Library = 'prom-client' | '@prometheus-io/client'

/** A global registry that somebody has loaded. */
export interface LoadedRegistry {
  readonly library: Library
  readonly file: string
  readonly registry: RegistryLike
}

/** Both libraries are CommonJS, so whoever imports or requires them, they are here. Nothing is loaded by looking. */
export function loadedRegistries(): LoadedRegistry[] {
  const modules = createRequire(join(process.cwd(), 'main.js')).cache ?? {}
  return Object.keys(modules).flatMap((file) => {
    // Asked for every module of the app at each collection: most are told apart by their end.
    if (!file.endsWith('registry.js')) return []
    const library = REGISTRY_FILE.exec(file)?.[1]?.replace('\\', '/') as Library | undefined
    const registry =
      library && (modules[file]?.exports as { globalRegistry?: RegistryLike } | undefined)?.globalRegistry
    return library && registry ? [{ library, file, registry }] : []
  })
}

/**
 * Joins the global registry of every copy of prom-client and of `@prometheus-io/client` that the app has loaded, however late,
 * as a metric source: one that is new is read in the same round. Says once when more than one of them has metrics of the app.
 */
export function joinLoadedRegistries(): void {
  shared('metrics-red.loaded-registries', () =>
    addMetricSource({
      name: 'loaded registries',
      async collect(): Promise<Collected> {
        const loaded = loadedRegistries()
        const joined = loaded.filter(({ registry }) => !wasUsed(registry))
        for (const { registry } of joined) useRegistry(registry)
        warnOfSeveral(loaded.filter(({ registry }) => hasOwnMetrics(registry)))
        const collected = await Promise.all(joined.map(({ registry }) => registrySource(registry).collect()))
        return {
          families: collected.flatMap(({ families }) => families),
          failures: collected.flatMap(({ failures = [] }) => failures),
        }
      },
    }),
  )
}

function hasOwnMetrics(registry: RegistryLike): boolean {
  return registry.getMetricsAsArray().some((metric) => !isRegistryAdapter(metric))
}

function warnOfSeveral(inUse: readonly LoadedRegistry[]): void {
  if (inUse.length < 2) return
  const libraries = [...new Set(inUse.map(({ library }) => library))]
  const which = libraries.length > 1 ? libraries.join(' and ') : `${inUse.length} copies of ${libraries[0]}`
  warnOnce(
    'HASHIRA_REGISTRY_TWICE',
    `${which} are loaded, each with a registry of its own: whoever serves one of them loses the metrics of the other. Hashira serves both in one scrape, a series that both have once; keep one of ${inUse.map(({ file }) => file).join(', ')}`,
    'registries',
  )
}

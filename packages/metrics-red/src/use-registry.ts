import { addMetricSource, shared, warnOnce } from '@hashira/core'
import { type Recorder, type RecorderWatcher, watchRecorders } from './recorder'
import { isRegistryAdapter, RegistryAdapter } from './registry-adapter'
import { type RegistryLike, requireRegistry } from './registry-like'
import { registrySource } from './registry-source'

const stops = shared('metrics-red.registries', () => new Map<RegistryLike, () => void>())
const seen = shared('metrics-red.registries.seen', () => new WeakSet<RegistryLike>())

/**
 * Joins a registry with Hashira, both ways: its metrics are in every exporter's snapshot, and our recorders are in it, so the
 * app's own `registry.metrics()` shows them. Any registry with the shape of prom-client's will do. Again is harmless.
 *
 * @returns undoes it
 * @throws HashiraError HASHIRA_REGISTRY_INVALID
 */
export function useRegistry(registry: RegistryLike): () => void {
  const valid = requireRegistry(registry)
  const known = stops.get(valid)
  if (known !== undefined) return known
  seen.add(valid)
  const removeSource = addMetricSource(registrySource(valid))
  const stopWatching = watchRecorders(adaptInto(valid))
  const stop = () => {
    if (!stops.delete(valid)) return
    removeSource()
    stopWatching()
  }
  stops.set(valid, stop)
  return stop
}

/** Whether {@link useRegistry} ever joined it: whoever undid that meant it. */
export function wasUsed(registry: RegistryLike): boolean {
  return seen.has(registry)
}

function adaptInto(registry: RegistryLike): RecorderWatcher {
  const adapters = new Map<Recorder, RegistryAdapter>()
  const byKey = new Map<string, RegistryAdapter>()
  return {
    added(recorder) {
      const adapter = new RegistryAdapter(recorder, registry as { contentType?: unknown })
      const taken = registry.getSingleMetric(adapter.key)
      const namesake = byKey.get(adapter.key)
      if (namesake !== undefined && taken === namesake && namesake.join(recorder)) {
        adapters.set(recorder, namesake)
        return
      }
      try {
        if (taken !== undefined) throw new Error('taken')
        registry.registerMetric(adapter)
        adapters.set(recorder, adapter)
        byKey.set(adapter.key, adapter)
      } catch {
        warnNameTaken(
          adapter.key,
          isRegistryAdapter(taken) ? 'of another type of ours' : "in the app's registry",
        )
      }
    },
    removed(recorder) {
      const adapter = adapters.get(recorder)
      if (adapter === undefined || !adapters.delete(recorder) || !adapter.leave(recorder)) return
      byKey.delete(adapter.key)
      if (registry.getSingleMetric(adapter.key) === adapter) registry.removeSingleMetric(adapter.key)
    },
  }
}

function warnNameTaken(name: string, where: string): void {
  warnOnce(
    'HASHIRA_METRIC_NAME_TAKEN',
    `${name} is already ${where}; this one is in Hashira's exporters only, not in the app's registry.metrics()`,
    name,
  )
}

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { countFault } from '@hashira/core'
import { findAdapter } from './find-adapter'

const CHANNEL = 'fastify.initialization'

interface Adapter {
  /** Like `observe`, and it gives way to one that the app registers with options of its own. */
  readonly observeByDefault: object
}

/** Registers the plugin with each Fastify app (4, 5) as soon as it is made; Fastify publishes that on a channel. Returns what undoes it. */
export function observeFastifyApps(): () => void {
  const onInitialization = (message: unknown) => {
    try {
      const { fastify } = message as { fastify: { register(plugin: object): unknown } }
      const adapter = findAdapter<Adapter>('@hashira/fastify', 'Fastify')
      if (adapter !== undefined) fastify.register(adapter.observeByDefault)
    } catch {
      countFault('fastify_app')
    }
  }
  subscribe(CHANNEL, onInitialization)
  return () => unsubscribe(CHANNEL, onInitialization)
}

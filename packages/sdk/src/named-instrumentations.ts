import { countFault, warnOnce } from '@hashira/core'
import { resolveFromApp } from '@hashira/http'
import type { Instrumentation } from './instrumentations'

const NAME = /^[a-z0-9][a-z0-9-]*$/

/**
 * OpenTelemetry's instrumentations by the ends of their packages' names (`pg`, `aws-sdk`), from the app's node_modules, each with
 * its own defaults. One that can't be had is one warning: a variable must never stop an app.
 */
export function namedInstrumentations(names: readonly string[]): Instrumentation[] {
  return names.flatMap((name) => {
    const id = `@opentelemetry/instrumentation-${name}`
    const path = NAME.test(name) ? resolveFromApp(id) : undefined
    if (path === undefined) {
      warnOnce(
        'HASHIRA_OPTION_INVALID',
        `HASHIRA_INSTRUMENTATIONS: ${id} is not installed; try: npm install ${id}`,
      )
      return []
    }
    try {
      return [instrumentationOf(require(path))]
    } catch (error) {
      countFault('instrumentation')
      warnOnce('HASHIRA_OPTION_INVALID', `HASHIRA_INSTRUMENTATIONS: ${id} could not be loaded: ${error}`)
      return []
    }
  })
}

/** The class that such a package is there for: `PgInstrumentation`. */
function instrumentationOf(loaded: Record<string, unknown>): Instrumentation {
  for (const [name, value] of Object.entries(loaded)) {
    if (!name.endsWith('Instrumentation') || typeof value !== 'function') continue
    const made = new (value as new () => Instrumentation)()
    if (typeof made.enable === 'function' && typeof made.disable === 'function') return made
  }
  throw new Error('it exports no instrumentation')
}

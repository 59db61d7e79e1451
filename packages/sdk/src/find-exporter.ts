import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type Exporter, HashiraError, isHashiraError } from '@hashira/core'
import { appFolder } from './app-manifest'
import { checkedExporter } from './checked-exporter'

type Factory = () => unknown

const NAME = /^[a-z0-9][a-z0-9._-]*$/i

/**
 * Loads the exporter that is called `name` and makes it with its own environment variables: `@hashira/exporter-NAME`, then
 * `hashira-exporter-NAME`, from the app's node_modules first and from Hashira's own second. The factory is the export
 * that has the exporter's name in camel case.
 *
 * @throws HashiraError HASHIRA_EXPORTER_NOT_FOUND when neither is installed, HASHIRA_EXPORTER_INVALID when what it exports is none
 */
export function findExporter(name: string): Exporter {
  if (!NAME.test(name)) {
    throw new HashiraError('HASHIRA_EXPORTER_NOT_FOUND', `exporter "${name}" has no name of a package`)
  }
  const candidates = [`@hashira/exporter-${name}`, `hashira-exporter-${name}`]
  for (const candidate of candidates) {
    const path = resolveFromApp(candidate)
    if (path !== undefined) return make(candidate, name, path)
  }
  throw new HashiraError(
    'HASHIRA_EXPORTER_NOT_FOUND',
    `exporter "${name}" is not installed; try: npm install ${candidates[0]}`,
  )
}

function resolveFromApp(id: string): string | undefined {
  for (const base of [join(appFolder(), 'noop.js'), join(process.cwd(), 'noop.js'), __filename]) {
    try {
      return createRequire(base).resolve(id)
    } catch {
      // Not installed as seen from there; the next place may have it.
    }
  }
  return undefined
}

function make(id: string, name: string, path: string): Exporter {
  try {
    return checkedExporter(id, factoryOf(id, name, require(path))())
  } catch (cause) {
    if (isHashiraError(cause)) throw cause
    throw new HashiraError('HASHIRA_EXPORTER_INVALID', `${id} could not be loaded: ${cause}`, { cause })
  }
}

function factoryOf(id: string, name: string, loaded: unknown): Factory {
  const factoryName = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  const factory = (loaded as Record<string, unknown> | null | undefined)?.[factoryName]
  if (typeof factory !== 'function') {
    throw new HashiraError('HASHIRA_EXPORTER_INVALID', `${id} does not export a function "${factoryName}"`)
  }
  return factory as Factory
}

import { type Exporter, HashiraError, isHashiraError, type Sampler } from '@hashira/core'
import { resolveFromApp } from '@hashira/http'
import { checkedExporter } from './checked-exporter'

type Factory = (argument?: string) => unknown

const NAME = /^[a-z0-9][a-z0-9._-]*$/i

/**
 * Loads the exporter that is called `name` and makes it with its own environment variables. The factory is the export that
 * has the exporter's name in camel case.
 *
 * @throws HashiraError HASHIRA_EXPORTER_NOT_FOUND when it is not installed, HASHIRA_EXPORTER_INVALID when what it exports is none
 */
export function findExporter(name: string): Exporter {
  const { id, loaded } = loadExporter(name)
  const factory = exportOf(loaded, camelCase(name))
  if (factory === undefined)
    throw new HashiraError(
      'HASHIRA_EXPORTER_INVALID',
      `${id} does not export a function "${camelCase(name)}"`,
    )
  try {
    return checkedExporter(id, factory())
  } catch (cause) {
    throw notLoaded(id, cause)
  }
}

/**
 * The sampler that the exporter `name` brings along: what its export `NAMESampler` makes of `argument`.
 *
 * @throws HashiraError HASHIRA_EXPORTER_NOT_FOUND, HASHIRA_EXPORTER_INVALID
 */
export function findExporterSampler(name: string, argument: string | undefined): Sampler {
  const { id, loaded } = loadExporter(name)
  const factory = exportOf(loaded, `${camelCase(name)}Sampler`)
  try {
    const sampler = factory?.(argument) as Sampler | undefined
    if (typeof sampler?.shouldSample === 'function') return sampler
  } catch (cause) {
    throw notLoaded(id, cause)
  }
  throw new HashiraError('HASHIRA_EXPORTER_INVALID', `${id} brings no sampler "${camelCase(name)}Sampler"`)
}

/** `@hashira/exporter-NAME`, then `hashira-exporter-NAME`, from the app's node_modules first and from Hashira's own second. */
function loadExporter(name: string): { id: string; loaded: unknown } {
  if (!NAME.test(name)) {
    throw new HashiraError('HASHIRA_EXPORTER_NOT_FOUND', `exporter "${name}" has no name of a package`)
  }
  const candidates = [`@hashira/exporter-${name}`, `hashira-exporter-${name}`]
  for (const id of candidates) {
    const path = resolveFromApp(id)
    if (path === undefined) continue
    try {
      return { id, loaded: require(path) }
    } catch (cause) {
      throw notLoaded(id, cause)
    }
  }
  throw new HashiraError(
    'HASHIRA_EXPORTER_NOT_FOUND',
    `exporter "${name}" is not installed; try: npm install ${candidates[0]}`,
  )
}

function notLoaded(id: string, cause: unknown): HashiraError {
  if (isHashiraError(cause)) return cause
  return new HashiraError('HASHIRA_EXPORTER_INVALID', `${id} could not be loaded: ${cause}`, { cause })
}

function exportOf(loaded: unknown, name: string): Factory | undefined {
  const found = (loaded as Record<string, unknown> | null | undefined)?.[name]
  return typeof found === 'function' ? (found as Factory) : undefined
}

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}

import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { HashiraError } from '@hashira/core'

// Literal ids: whoever bundles an app finds and takes in what is installed.
const LOADERS = {
  '@smithy/signature-v4': (): unknown => require('@smithy/signature-v4'),
  '@aws-sdk/credential-provider-node': (): unknown => require('@aws-sdk/credential-provider-node'),
}

export type OptionalModule = keyof typeof LOADERS

/**
 * Checks without loading, so that a missing module is an error of set-up and not a surprise an hour later; in a bundle, where
 * nothing can be resolved, by loading.
 *
 * @throws HashiraError HASHIRA_DEPENDENCY_MISSING
 */
export function requireInstalled(ids: readonly OptionalModule[], owner: string): void {
  const missing = ids.filter((id) => resolveFrom(places(), id) === undefined && !loads(id))
  if (missing.length > 0) throw dependencyMissing(owner, missing)
}

/** Loads from beside this package, then from the app's own node_modules. Throws what the module throws. */
export function loadOptional(id: OptionalModule, owner: string): unknown {
  try {
    return LOADERS[id]()
  } catch (error) {
    if (!isMissing(error, id)) throw error
  }
  const path = resolveFrom(places(), id)
  if (path === undefined) throw dependencyMissing(owner, [id])
  return require(path)
}

function places(): readonly string[] {
  const script = process.argv[1]
  const app = script === undefined || script.startsWith('-') ? process.cwd() : dirname(script)
  return [__filename, join(app, 'noop.js'), join(process.cwd(), 'noop.js')]
}

function resolveFrom(files: readonly string[], id: string): string | undefined {
  for (const file of files) {
    try {
      return createRequire(file).resolve(id)
    } catch {
      // Not installed as seen from there; the next place may have it.
    }
  }
  return undefined
}

function loads(id: OptionalModule): boolean {
  try {
    LOADERS[id]()
    return true
  } catch {
    return false
  }
}

/** Not there, as opposed to there and broken. */
function isMissing(error: unknown, id: string): boolean {
  const { code, message } = error as NodeJS.ErrnoException
  return code === 'MODULE_NOT_FOUND' && message.includes(`'${id}'`)
}

function dependencyMissing(owner: string, ids: readonly string[]): HashiraError {
  return new HashiraError(
    'HASHIRA_DEPENDENCY_MISSING',
    `${owner} needs ${ids.join(' and ')}; try: npm install ${ids.join(' ')}`,
  )
}

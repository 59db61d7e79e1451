import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/**
 * The package `id` as the app would load it, or as it lies beside this one; `undefined` when it is installed in neither place.
 * What it throws while it is loaded is thrown.
 */
export function loadFromApp<T>(id: string): T | undefined {
  const path = resolveFromApp(id)
  return path === undefined ? undefined : (createRequire(path)(path) as T)
}

/** Where {@link loadFromApp} finds it: the app's node_modules first, Hashira's own second. */
export function resolveFromApp(id: string): string | undefined {
  for (const base of bases()) {
    const path = resolve(base, id)
    if (path !== undefined) return path
  }
  return undefined
}

function bases(): string[] {
  const script = process.argv[1]
  const folders = [process.cwd()]
  if (script !== undefined && !script.startsWith('-')) folders.unshift(dirname(script))
  return [...folders.map((folder) => join(folder, 'noop.js')), __filename]
}

function resolve(base: string, id: string): string | undefined {
  const require = createRequire(base)
  // Looked for first: a resolution that fails costs 1 ms, most of it for an error that nobody reads.
  if (!require.resolve.paths(id)?.some((folder) => existsSync(join(folder, id)))) return undefined
  try {
    return require.resolve(id)
  } catch {
    // There is a folder, but no package in it.
    return undefined
  }
}

import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'

/** One copy of a package on disk. */
export interface Installed {
  readonly name: string
  readonly version: string
  readonly folder: string
}

/** A tree of packages has a depth; beyond this one something links to itself. */
const MAX_DEPTH = 12

/** Every copy of every package below the `node_modules` of `folder` and of the folders above it, each real folder once. */
export function installedPackages(folder: string): Installed[] {
  const found = new Map<string, Installed>()
  for (let at = folder; ; at = join(at, '..')) {
    visitModules(join(at, 'node_modules'), found, 0)
    if (at === join(at, '..')) break
  }
  return [...found.values()]
}

/** The version of the package `name` that the app in `folder` itself gets. */
export function installedAt(folder: string, name: string): string | undefined {
  for (let at = folder; ; at = join(at, '..')) {
    const manifest = manifestOf(join(at, 'node_modules', name))
    if (manifest !== undefined || at === join(at, '..')) return manifest?.version
  }
}

function visitModules(modules: string, found: Map<string, Installed>, depth: number): void {
  if (depth > MAX_DEPTH || !existsSync(modules)) return
  for (const entry of names(modules)) {
    if (entry === '.pnpm') visitStore(join(modules, entry), found, depth)
    if (entry.startsWith('.')) continue
    const path = join(modules, entry)
    if (entry.startsWith('@'))
      for (const scoped of names(path)) visitPackage(join(path, scoped), found, depth)
    else visitPackage(path, found, depth)
  }
}

/** pnpm keeps each package in a folder of its own. */
function visitStore(store: string, found: Map<string, Installed>, depth: number): void {
  for (const entry of names(store)) visitModules(join(store, entry, 'node_modules'), found, depth + 1)
}

function visitPackage(path: string, found: Map<string, Installed>, depth: number): void {
  let folder: string
  try {
    folder = realpathSync(path)
  } catch {
    return
  }
  if (found.has(folder)) return
  const manifest = manifestOf(folder)
  if (manifest !== undefined) found.set(folder, { ...manifest, folder })
  visitModules(join(folder, 'node_modules'), found, depth + 1)
}

function manifestOf(folder: string): { name: string; version: string } | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
      string,
      unknown
    >
    return typeof name === 'string' && typeof version === 'string' ? { name, version } : undefined
  } catch {
    return undefined
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

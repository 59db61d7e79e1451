import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface AppManifest {
  readonly name: string | undefined
  readonly version: string | undefined
  /** Of all kinds, by name. */
  readonly dependencies: Readonly<Record<string, string>>
}

/** The folder of the script that was started, or the working directory. */
export function appFolder(): string {
  const script = process.argv[1]
  return script === undefined || script.startsWith('-') ? process.cwd() : dirname(script)
}

/** Name and version from the package.json nearest to `folder`, upwards. */
export function readAppManifest(folder: string = appFolder()): AppManifest {
  for (let at = folder; ; at = dirname(at)) {
    const manifest = parse(join(at, 'package.json'))
    if (manifest !== undefined) return manifest
    if (dirname(at) === at) return { name: undefined, version: undefined, dependencies: {} }
  }
}

function parse(path: string): AppManifest | undefined {
  try {
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
    const { name, version, dependencies, devDependencies, peerDependencies } = manifest
    const all = Object.assign({}, peerDependencies, devDependencies, dependencies) as Record<string, string>
    return { name: text(name), version: text(version), dependencies: all }
  } catch {
    return undefined
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

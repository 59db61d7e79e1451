import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packagesFolder } from '../support/source-imports.ts'

const run = promisify(execFile)

export interface Tarball {
  readonly name: string
  readonly folder: string
  readonly path: string
}

/** Packs every public package, as built, into a fresh folder. */
export async function packAll(): Promise<Tarball[]> {
  const destination = await mkdtemp(join(tmpdir(), 'hashira-pack-'))
  const tarballs: Tarball[] = []
  for (const name of await readdir(packagesFolder)) {
    const folder = join(packagesFolder, name)
    const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    if (manifest.private === true) continue
    const { stdout } = await run(
      'npm',
      ['pack', '--json', '--ignore-scripts', '--pack-destination', destination],
      { cwd: folder },
    )
    tarballs.push({ name: manifest.name, folder, path: join(destination, packedFilename(stdout)) })
  }
  return tarballs
}

// npm 11 prints a list, npm 12 an object keyed by package.
function packedFilename(stdout: string): string {
  const printed = JSON.parse(stdout) as { filename: string }[] | Record<string, { filename: string }>
  return (Array.isArray(printed) ? printed[0]! : Object.values(printed)[0]!).filename
}

/** What may be imported of a package: its name, and the sub-paths of its `exports`. */
export async function entriesOf({ name, folder }: Tarball): Promise<string[]> {
  const { exports } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    exports: Record<string, unknown>
  }
  return Object.keys(exports)
    .filter((path) => !path.endsWith('.json'))
    .map((path) => name + path.slice(1))
}

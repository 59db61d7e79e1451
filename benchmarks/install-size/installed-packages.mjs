import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Every package below a node_modules folder, nested ones too: `{ name, version, bytes, files }` of its own files. */
export function installedPackages(nodeModules) {
  if (!existsSync(nodeModules)) return []
  return subfolders(nodeModules)
    .flatMap((name) =>
      name.startsWith('@') ? subfolders(join(nodeModules, name)).map((inner) => join(name, inner)) : [name],
    )
    .flatMap((name) => {
      const folder = join(nodeModules, name)
      const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      return [{ name, version, ...ownFiles(folder) }, ...installedPackages(join(folder, 'node_modules'))]
    })
}

const subfolders = (folder) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)

function ownFiles(folder) {
  let bytes = 0
  let files = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (!entry.isDirectory()) {
      bytes += lstatSync(path).size
      files++
    } else if (entry.name !== 'node_modules') {
      const inner = ownFiles(path)
      bytes += inner.bytes
      files += inner.files
    }
  }
  return { bytes, files }
}

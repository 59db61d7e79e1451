import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { command } from '../../test/backends/command.mjs'

const packagesFolder = fileURLToPath(new URL('../../packages/', import.meta.url))
const nodeModules = fileURLToPath(new URL('../node_modules/', import.meta.url))
// Inside node_modules: ignored by every tool, renewed by `npm ci`, and its peers resolve to the benchmarks' own fastify,
// express and pino, because Node looks upwards for them.
const installed = join(nodeModules, '.hashira/')

/** Every package of the workspace: name to `{ folder, manifest }`. */
function workspace() {
  const packages = new Map()
  for (const entry of readdirSync(packagesFolder)) {
    const folder = join(packagesFolder, entry)
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    packages.set(manifest.name, { folder, manifest })
  }
  return packages
}

/** The named packages and all that they depend on within the workspace. */
function closure(packages, names, found = new Set()) {
  for (const name of names) {
    if (found.has(name) || !packages.has(name)) continue
    found.add(name)
    closure(packages, Object.keys(packages.get(name).manifest.dependencies ?? {}), found)
  }
  return found
}

/**
 * Packs the named packages and what they need, and installs the tarballs into an empty folder without peers, which is what
 * a user gets beside his own framework. `extra` is installed as well. Rejects when a package is not built.
 */
export async function installPacked(names, folder, extra = []) {
  const packages = workspace()
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  const tarballs = []
  for (const name of closure(packages, names)) {
    const { folder: source, manifest } = packages.get(name)
    if (!readdirSync(source).includes('dist'))
      throw new Error(`${name} is not built; run \`npm run build\` in the root`)
    await command('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], {
      cwd: source,
    })
    tarballs.push(`./${name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`)
  }
  const flags = [
    '--ignore-scripts',
    '--legacy-peer-deps',
    '--omit=dev',
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
  ]
  await command('npm', ['install', ...flags, ...tarballs, ...extra], { cwd: folder })
  for (const tarball of tarballs) rmSync(join(folder, tarball))
}

/** A folder whose node_modules holds Hashira as it would be published: `{ folder }`, or `{ missing: reason }`. */
export async function packedHashira() {
  try {
    await installPacked(['@hashira/express', '@hashira/fastify', '@hashira/logs', 'hashira'], installed)
    for (const name of ['@hashira', 'hashira']) linkFromApp(name)
    return { folder: installed }
  } catch (error) {
    return { missing: error.message }
  }
}

// Exporters are looked for from the app's folder first. Without these links that finds the workspace's own, and a server loads
// core and delivery twice, which takes 35 ms of its start.
function linkFromApp(name) {
  const link = join(nodeModules, name)
  rmSync(link, { recursive: true, force: true })
  symlinkSync(join(installed, 'node_modules', name), link, 'junction')
}

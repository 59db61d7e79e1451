// Builds one package (the current folder): types and CommonJS modules by tsc, then for every entry of its `exports` map one
// bundle of the package's own modules and an ESM face. The face only re-exports the bundle, so `import` and `require` in one
// process share one instance. The single modules are for the tests of internals, and are not published.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { build, buildSync } from 'esbuild'
import { apiValues } from './api-values.mjs'
import { leanBundle } from './lean-bundle.mjs'

const require = createRequire(join(process.cwd(), 'package.json'))
const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
const identifier = /^[A-Za-z_$][\w$]*$/

const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc')
const entries = Object.values(manifest.exports ?? {}).filter((entry) =>
  entry.import?.default?.endsWith('.mjs'),
)
// Built beside and moved into place, so that whatever runs from dist/ meanwhile finds the old build or the new one, whole.
const fresh = `dist.${process.pid}`
try {
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.json', '--outDir', fresh], { stdio: 'inherit' })
  for (const entry of entries) writeFace(entry)
  for (const entry of entries) await bundle(entry)
  for (const command of Object.values(manifest.bin ?? {})) bundleCommand(command)
  rmSync('dist', { recursive: true, force: true })
  renameSync(fresh, 'dist')
} catch (error) {
  rmSync(fresh, { recursive: true, force: true })
  console.error(String(error))
  process.exit(1)
}

/** `./dist/index.js` where it is being built. */
function built(path) {
  return join(fresh, basename(path))
}

/**
 * An app loads 196 files fewer, which is a third of what start() and its imports take, and a request takes 1 µs less. What else
 * is done for the start is in lean-bundle.mjs and api-values.mjs.
 */
async function bundle({ require: { default: commonjs } }) {
  const name = basename(commonjs, '.js')
  const { outputFiles } = await build({
    entryPoints: [join('src', `${name}.ts`)],
    write: false,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    // An entry that imports another one shares its instance.
    external: entries.map((entry) => `./${basename(entry.require.default, '.js')}`),
    ignoreAnnotations: true,
    plugins: [apiValues],
    logLevel: 'warning',
  })
  writeFileSync(built(commonjs), leanBundle(outputFiles[0].text))
}

/** A program of its own: it shares nothing with what an app loads. */
function bundleCommand(commonjs) {
  buildSync({
    entryPoints: [join('src', `${basename(commonjs, '.js')}.ts`)],
    outfile: built(commonjs),
    allowOverwrite: true,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    charset: 'utf8',
    packages: 'external',
    logLevel: 'warning',
  })
}

function writeFace(entry) {
  const commonjs = built(entry.require.default)
  if (!existsSync(commonjs)) throw new Error(`${manifest.name}: ${entry.require.default} was not built`)
  const file = `./${basename(commonjs)}`
  const names = exportedNames(commonjs).filter((name) => name !== 'default')
  const lines = [`import exported from '${file}'`]
  if (names.length > 0) lines.push(`export const { ${names.join(', ')} } = exported`)
  const types = [`export * from '${file}'`]
  const defaultName = nameOfDefault(built(entry.require.types))
  if (defaultName !== undefined) {
    lines.push('export default exported.default')
    // By its other name: a default import of CommonJS means different things under node16 and bundler resolution.
    types.push(`export { ${defaultName} as default } from '${file}'`)
  }
  writeFileSync(built(entry.import.default), `${lines.join('\n')}\n`)
  writeFileSync(built(entry.import.types), `${types.join('\n')}\n`)
}

// Read from the compiled text, not by loading it: an entry such as `register` acts when it is loaded.
function exportedNames(commonjs) {
  const text = readFileSync(commonjs, 'utf8')
  const names = new Set()
  for (const [, name] of text.matchAll(
    /^(?:\s*)(?:Object\.defineProperty\(exports, "(\w+)"|exports\.(\w+) = )/gm,
  )) {
    if (name) names.add(name)
  }
  for (const [, name] of text.matchAll(/^\s*exports\.([\w$]+) = /gm)) names.add(name)
  if (/__exportStar\(/.test(text))
    throw new Error(`${manifest.name}: write \`export { a, b } from\`, not \`export *\`, in an entry`)
  names.delete('__esModule')
  return [...names].filter((name) => identifier.test(name)).sort()
}

function nameOfDefault(types) {
  const text = readFileSync(types, 'utf8')
  if (!/\bdefault\b/.test(text)) return undefined
  const name = /(\w+) as default\b/.exec(text)?.[1]
  if (name === undefined)
    throw new Error(`${manifest.name}: write the default export as \`export { name, name as default }\``)
  return name
}

// Builds one package (the current folder): CommonJS by tsc, then an ESM face for every entry of its `exports` map.
// The face only re-exports the CommonJS module, so `import` and `require` in one process share one instance.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(join(process.cwd(), 'package.json'))
const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
const identifier = /^[A-Za-z_$][\w$]*$/

const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc')
// Built beside and moved into place, so that whatever runs from dist/ meanwhile finds the old build or the new one, whole.
const fresh = `dist.${process.pid}`
try {
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.json', '--outDir', fresh], { stdio: 'inherit' })
  rmSync('dist', { recursive: true, force: true })
  renameSync(fresh, 'dist')
} catch (error) {
  rmSync(fresh, { recursive: true, force: true })
  console.error(String(error))
  process.exit(1)
}

for (const entry of Object.values(manifest.exports ?? {})) {
  if (typeof entry === 'object' && entry.import?.default?.endsWith('.mjs')) writeFace(entry)
}

function writeFace(entry) {
  const commonjs = entry.require.default
  if (!existsSync(commonjs)) throw new Error(`${manifest.name}: ${commonjs} was not built`)
  const file = `./${commonjs.split('/').pop()}`
  const names = exportedNames(commonjs)
  const lines = [`import exported from '${file}'`]
  if (names.length > 0) lines.push(`export const { ${names.join(', ')} } = exported`)
  const types = [`export * from '${file}'`]
  const defaultName = nameOfDefault(entry.require.types)
  if (defaultName !== undefined) {
    lines.push('export default exported.default')
    // By its other name: a default import of CommonJS means different things under node16 and bundler resolution.
    types.push(`export { ${defaultName} as default } from '${file}'`)
  }
  writeFileSync(entry.import.default, `${lines.join('\n')}\n`)
  writeFileSync(entry.import.types, `${types.join('\n')}\n`)
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
  names.delete('default')
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

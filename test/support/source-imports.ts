import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

export const packagesFolder = join(import.meta.dirname, '..', '..', 'packages')

export interface SourceFile {
  /** `tracing`, as the folder under packages/. */
  readonly packageFolder: string
  /** `tracing/src/span.ts` */
  readonly path: string
  readonly text: string
  readonly imports: readonly { readonly id: string; readonly typeOnly: boolean }[]
}

const IMPORT = /^(?:import|export)\s+(type\s)?(?:[^'"]*?\sfrom\s)?['"]([^'"]+)['"]/gm
const REQUIRE = /\b(?:require|import)\(\s*['"]([^'"]+)['"]\s*\)/g

/** Every source file of every package with what it imports. */
export function sourceFiles(): SourceFile[] {
  return readdirSync(packagesFolder).flatMap((packageFolder) =>
    walk(join(packagesFolder, packageFolder, 'src')).map((file) => {
      const text = readFileSync(file, 'utf8')
      const imports = [
        ...[...text.matchAll(IMPORT)].map(([, type, id]) => ({ id: id!, typeOnly: type !== undefined })),
        ...[...text.matchAll(REQUIRE)].map(([, id]) => ({ id: id!, typeOnly: false })),
      ]
      return { packageFolder, path: relative(packagesFolder, file), text, imports }
    }),
  )
}

/** The file that a relative import of `file` means, as {@link SourceFile.path}. */
export function resolveRelative(file: SourceFile, id: string): string {
  return `${join(dirname(file.path), id).replace(/\.js$/, '')}.ts`
}

function walk(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) return walk(path)
    return name.endsWith('.ts') ? [path] : []
  })
}

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { packagesFolder, resolveRelative, type SourceFile, sourceFiles } from './support/source-imports.ts'

const files = sourceFiles()

// The table of CONTRIBUTING.md. `exporter-*` stands for every exporter without a row of its own.
const MAY_IMPORT: Record<string, readonly string[]> = {
  core: [],
  tracing: ['core'],
  'metrics-red': ['core'],
  logs: ['core'],
  delivery: ['core'],
  'exporter-*': ['core', 'delivery', 'exporter-otlp'],
  http: ['core', 'tracing', 'metrics-red'],
  sdk: ['core', 'tracing', 'metrics-red', 'logs', 'http', 'delivery'],
  express: ['core', 'http', 'logs', 'sdk'],
  fastify: ['core', 'http', 'logs', 'sdk'],
  testing: ['core', 'delivery'],
  aws: ['core', 'delivery'],
  'exporter-xray': ['core', 'delivery', 'exporter-otlp', 'aws'],
  'exporter-cloudwatch': ['core', 'delivery', 'exporter-otlp', 'aws'],
  lambda: ['core', 'tracing', 'sdk'],
  'cls-hooked': ['core'],
  opentracing: ['core', 'tracing'],
}

const THIRD_PARTY: Record<string, readonly string[]> = {
  core: ['@opentelemetry/api'],
  tracing: ['@opentelemetry/api'],
  'metrics-red': ['@opentelemetry/api', 'prom-client', 'prom-client/lib/registry'],
  logs: ['@opentelemetry/api', 'pino'],
  http: ['@opentelemetry/api'],
  sdk: ['@opentelemetry/api'],
  express: ['@opentelemetry/api', 'express'],
  fastify: ['@opentelemetry/api', 'fastify'],
  testing: ['@opentelemetry/api'],
  'exporter-*': ['@opentelemetry/api'],
  'exporter-datadog': ['@opentelemetry/api', '@msgpack/msgpack', 'unix-dgram'],
  'exporter-prometheus': ['snappyjs'],
  aws: ['@smithy/signature-v4', '@aws-crypto/sha256-js', '@aws-sdk/credential-provider-node'],
  'cls-hooked': ['@opentelemetry/api', 'cls-hooked'],
  opentracing: ['@opentelemetry/api', 'opentracing'],
  lambda: ['@opentelemetry/api'],
}

/** A row of its own, or the one for every exporter. */
const rowOf = (folder: string, table: Record<string, unknown>) =>
  folder.startsWith('exporter-') && table[folder] === undefined ? 'exporter-*' : folder
const workspacePackage = (id: string) => (id === 'hashira' ? 'sdk' : /^@hashira\/([^/]+)/.exec(id)?.[1])

function offences(check: (file: SourceFile) => readonly string[]): string[] {
  return files.flatMap((file) => check(file).map((text) => `${file.path}: ${text}`))
}

describe('architecture', () => {
  it('has a row for every package', () => {
    for (const { packageFolder } of files)
      assert.ok(MAY_IMPORT[rowOf(packageFolder, MAY_IMPORT)], `no row for ${packageFolder}`)
  })

  it('imports point toward core, as the table says', () => {
    const wrong = offences((file) =>
      file.imports
        .map(({ id }) => workspacePackage(id))
        .filter((target) => target !== undefined)
        .filter((target) => !MAY_IMPORT[rowOf(file.packageFolder, MAY_IMPORT)]!.includes(target))
        .map((target) => `may not import ${target}`),
    )
    assert.deepEqual(wrong, [])
  })

  it('uses only what index.ts of another package exports', () => {
    const wrong = offences((file) =>
      file.imports
        .map(({ id }) => id)
        .filter((id) => /^@hashira\/[^/]+\/./.test(id) || /^hashira\/./.test(id)),
    )
    assert.deepEqual(wrong, [])
  })

  it('depends on no third party but those it names', () => {
    const wrong = offences((file) =>
      file.imports
        .map(({ id }) => id)
        .filter((id) => !id.startsWith('.') && !id.startsWith('node:') && workspacePackage(id) === undefined)
        .filter((id) => !(THIRD_PARTY[rowOf(file.packageFolder, THIRD_PARTY)] ?? []).includes(id)),
    )
    assert.deepEqual(wrong, [])
  })

  it('declares what it imports', () => {
    const wrong = offences((file) => {
      const manifest = JSON.parse(
        readFileSync(join(packagesFolder, file.packageFolder, 'package.json'), 'utf8'),
      )
      const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
      return file.imports
        .map(({ id }) => id)
        .filter((id) => !id.startsWith('.') && !id.startsWith('node:'))
        .map((id) => id.split('/', id.startsWith('@') ? 2 : 1).join('/'))
        .filter((id) => id !== manifest.name && !declared.includes(id))
    })
    assert.deepEqual(wrong, [])
  })

  it('core has no sockets, files or timers', () => {
    const allowed = ['node:async_hooks', 'node:buffer', 'node:events']
    const wrong = offences((file) => {
      if (file.packageFolder !== 'core') return []
      const modules = file.imports
        .map(({ id }) => id)
        .filter((id) => id.startsWith('node:') && !allowed.includes(id))
      return [...modules, ...(file.text.match(/\bset(?:Timeout|Interval|Immediate)\(/g) ?? [])]
    })
    assert.deepEqual(wrong, [])
  })

  it('only sdk and exporters read the environment', () => {
    const wrong = offences(({ packageFolder, path, text }) => {
      // Lambda tells an invocation its trace by a variable.
      if (path === 'lambda/src/runtime-environment.ts') return []
      if (packageFolder === 'sdk' || packageFolder.startsWith('exporter-')) return []
      return text.match(/process\.env\b/g) ?? []
    })
    assert.deepEqual(wrong, [])
  })

  it('only delivery opens outgoing connections', () => {
    // `http/src/outgoing` wraps the functions that the app calls; it calls them for nobody else.
    const clients =
      /import\s+\{[^}]*\b(request|get|connect|createConnection|createSocket|Agent)\b[^}]*\}\s+from 'node:(?:https?|http2|net|tls|dgram)'/
    const wrong = offences(({ packageFolder, path, text }) => {
      if (packageFolder === 'delivery' || path.startsWith('http/src/outgoing/')) return []
      return [clients.exec(text)?.[0], /(?<![.\w])fetch\(/.exec(text)?.[0]].filter(
        (found) => found !== undefined,
      )
    })
    assert.deepEqual(wrong, [])
  })

  it('has no import circle inside a package', () => {
    const byPath = new Map(files.map((file) => [file.path, file]))
    const state = new Map<string, 'open' | 'done'>()
    const circles: string[] = []
    const visit = (file: SourceFile, trail: readonly string[]) => {
      if (state.get(file.path) === 'done') return
      if (state.get(file.path) === 'open') {
        circles.push([...trail.slice(trail.indexOf(file.path)), file.path].join(' → '))
        return
      }
      state.set(file.path, 'open')
      for (const { id, typeOnly } of file.imports) {
        const next = id.startsWith('.') && !typeOnly ? byPath.get(resolveRelative(file, id)) : undefined
        if (next !== undefined) visit(next, [...trail, file.path])
      }
      state.set(file.path, 'done')
    }
    for (const file of files) visit(file, [])
    assert.deepEqual(circles, [])
  })

  it('keeps every file under 300 lines', () => {
    const wrong = offences(({ text }) => {
      const lines = text.split('\n').length - 1
      return lines > 300 ? [`${lines} lines`] : []
    })
    assert.deepEqual(wrong, [])
  })

  it('has named exports only, but for the plugin that Fastify loads by default export', () => {
    const wrong = offences(({ packageFolder, text }) =>
      packageFolder === 'fastify' ? [] : (text.match(/^export default/gm) ?? []),
    )
    assert.deepEqual(wrong, [])
  })
})

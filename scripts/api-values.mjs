import { fileURLToPath } from 'node:url'

const API = '@opentelemetry/api'
const values = fileURLToPath(new URL('../packages/core/src/api-values.ts', import.meta.url))

/**
 * For esbuild: `import { SpanKind } from '@opentelemetry/api'` gets the value itself, see packages/core/src/api-values.ts. What has a
 * state (`trace`, `metrics` and their like) is the app's own copy, loaded with the bundle where it is imported and at that place
 * where it is required.
 */
export const apiValues = {
  name: 'api-values',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@opentelemetry\/api$/ }, ({ kind, namespace }) =>
      kind === 'import-statement' && namespace === 'file'
        ? { path: API, namespace: 'api-values', sideEffects: false }
        : { path: API, external: true, sideEffects: false },
    )
    onLoad({ filter: /.*/, namespace: 'api-values' }, () => ({
      contents: `export * from ${JSON.stringify(values)}
export { context, diag, metrics, propagation, trace } from '${API}'`,
      resolveDir: process.cwd(),
    }))
  },
}

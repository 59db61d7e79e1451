import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** What of the module `opentracing` others compare with. */
export interface ApiClasses {
  readonly Tracer: { readonly prototype: object }
  readonly Span: { readonly prototype: object }
  readonly SpanContext: { readonly prototype: object }
}

/** The `opentracing` of the app, or the one beside this package; `undefined` where there is none. */
export function loadApi(): unknown {
  const script = process.argv[1]
  const folders = [script === undefined ? undefined : dirname(script), process.cwd()]
  const bases = [
    ...folders.flatMap((folder) => (folder === undefined ? [] : [join(folder, 'noop.js')])),
    __filename,
  ]
  for (const base of bases) {
    try {
      return createRequire(base)('opentracing')
    } catch {
      // Not installed as seen from there.
    }
  }
  return undefined
}

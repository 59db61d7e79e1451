import Module, { createRequire } from 'node:module'

// biome-ignore lint/suspicious/noExplicitAny: two majors of Express at once; each has its own types
export type Express = any

const require = createRequire(__filename)

/** Express 5 on a router that has no channel and does not keep paths (2.0 to 2.2), as it was until 5.2. */
function express5OnRouter22(): Express {
  const loader = Module as unknown as { _load(request: string, ...rest: unknown[]): unknown }
  const load = loader._load
  const isExpress = (file: string) => /[\\/]node_modules[\\/]express[\\/]/.test(file)
  const forget = () => {
    for (const file of Object.keys(require.cache)) if (isExpress(file)) delete require.cache[file]
  }
  forget()
  loader._load = (request, ...rest) => load(request === 'router' ? 'router22' : request, ...rest)
  try {
    return require('express')
  } finally {
    loader._load = load
    forget()
  }
}

/** Every Express that the adapter serves, by name. */
export const frameworks: readonly (readonly [name: string, express: Express])[] = [
  ['Express 4', require('express4')],
  ['Express 5', require('express')],
  ['Express 5 with router 2.2', express5OnRouter22()],
]

export const withoutPromises = 'Express 4'

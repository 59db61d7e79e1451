import { createRequire, Module } from 'node:module'
import { isAbsolute, sep } from 'node:path'

type Load = (this: unknown, request: string, parent: unknown, isMain: boolean) => unknown
const loader = Module as unknown as { _load: Load }

const IN_PACKAGE = `${sep}node_modules${sep}`

/**
 * Lets instrumentations meet CommonJS packages that ES modules `import`. They wait in `Module.prototype.require`, and an `import` goes
 * to `Module._load` at once, without a parent (Node 20 to 26); here it takes the way through `require`. The app's own files are left
 * alone: some ask `module.parent` whether they are the program. Returns what undoes it.
 */
export function requireImported(): () => void {
  const original = loader._load
  let active = true
  const load: Load = function (request, parent, isMain) {
    const isImported = parent === undefined && !isMain && isAbsolute(request) && request.includes(IN_PACKAGE)
    return active && isImported
      ? createRequire(request)(request)
      : original.call(this, request, parent, isMain)
  }
  loader._load = load
  return () => {
    active = false
    if (loader._load === load) loader._load = original
  }
}

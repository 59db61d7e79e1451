import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import Module from 'node:module'
import { countFault } from '@hashira/core'
import { correlateFactory, correlateFirstLine } from '@hashira/logs'

/** Published by pino 9.14 and 10.4 or newer around every line. */
const LINE_BEGINS = 'tracing:pino_asJson:start'
const LINE_ENDS = 'tracing:pino_asJson:end'

type Load = (this: unknown, request: string, parent: unknown, isMain: boolean) => unknown
const loader = Module as unknown as { _load: Load; _cache: Record<string, { exports: unknown } | undefined> }

/**
 * Correlates each copy of pino when it is loaded, before its first logger. pino is CommonJS, so `require` and `import` both pass
 * through `Module._load` (Node 20 to 26). A pino that is bundled into the app is met at its first line, by its channel.
 * Returns what undoes it; loggers stay correlated.
 */
export function correlatePino(): () => void {
  const original = loader._load
  let active = true
  const listening = listenForBundled()
  const meet = (loaded: unknown) => {
    if (!isPino(loaded)) return
    // The channel costs each line a few closures, and whoever is loaded needs none.
    listening()
    guarded(() => correlateFactory(loaded))
  }
  const load: Load = function (request, parent, isMain) {
    const loaded = original.call(this, request, parent, isMain)
    if (active && request.includes('pino')) guarded(() => meet(loaded))
    return loaded
  }
  for (const [path, module] of Object.entries(loader._cache))
    if (path.endsWith('pino.js')) meet(module?.exports)
  loader._load = load
  return () => {
    active = false
    listening()
    if (loader._load === load) loader._load = original
  }
}

function listenForBundled(): () => void {
  let restore: (() => void) | undefined
  const onBegin = (message: unknown) =>
    guarded(() => {
      restore = correlateFirstLine((message as { instance: object }).instance)
    })
  const onEnd = () => {
    restore?.()
    restore = undefined
  }
  subscribe(LINE_BEGINS, onBegin)
  subscribe(LINE_ENDS, onEnd)
  return () => {
    unsubscribe(LINE_BEGINS, onBegin)
    unsubscribe(LINE_ENDS, onEnd)
  }
}

function isPino(loaded: unknown): loaded is Parameters<typeof correlateFactory>[0] {
  return (
    typeof loaded === 'function' &&
    typeof (loaded as { symbols?: unknown }).symbols === 'object' &&
    'stdSerializers' in loaded
  )
}

function guarded(work: () => void): void {
  try {
    work()
  } catch {
    countFault('pino')
  }
}

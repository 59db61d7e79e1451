/** What a pino instance holds under symbols, which differ in each copy of pino and are found by their descriptions. */

export type AsJson = (
  this: PinoInstance,
  object: unknown,
  message: unknown,
  level: number,
  time: string,
) => string
export interface PinoInstance {
  [key: symbol]: unknown
  readonly levels?: { readonly labels: Readonly<Record<number, string>> } | undefined
}

export interface PinoInternals {
  /** What `pino()` returned: the prototype of every child, earlier and later ones. */
  readonly root: PinoInstance
  readonly asJson: symbol
  readonly chindings: symbol
  readonly formatters: symbol
  readonly nestedKey: symbol
  /** By level: what its lines begin with, `{"level":30`. */
  readonly levelTexts: symbol
  readonly messageKey: symbol
  readonly errorKey: symbol
  readonly hooks: symbol
}

type SymbolName = Exclude<keyof PinoInternals, 'root'>

/** `undefined` when `logger` is not a pino logger (8, 9, 10). */
export function pinoInternals(logger: unknown): PinoInternals | undefined {
  if (typeof logger !== 'object' || logger === null) return undefined
  const symbols = new Map<string, symbol>()
  let root: object | undefined
  for (let object: object | null = logger; object !== null; object = Object.getPrototypeOf(object)) {
    for (const symbol of Object.getOwnPropertySymbols(object)) {
      if (symbol.description?.startsWith('pino.') === true) symbols.set(symbol.description, symbol)
      if (symbol.description === 'pino.stream') root = object
    }
  }
  const found = {
    asJson: symbols.get('pino.asJson'),
    chindings: symbols.get('pino.chindings'),
    formatters: symbols.get('pino.formatters'),
    nestedKey: symbols.get('pino.nestedKey'),
    levelTexts: symbols.get('pino.lsCache'),
    messageKey: symbols.get('pino.messageKey'),
    errorKey: symbols.get('pino.errorKey'),
    hooks: symbols.get('pino.hooks'),
  }
  if (root === undefined || !isComplete(found)) return undefined
  const instance = root as PinoInstance
  return typeof instance[found.asJson] === 'function' ? { root: instance, ...found } : undefined
}

function isComplete(found: Record<SymbolName, symbol | undefined>): found is Record<SymbolName, symbol> {
  return Object.values(found).every((symbol) => symbol !== undefined)
}

export function isPinoLogger(logger: unknown): boolean {
  return pinoInternals(logger) !== undefined
}

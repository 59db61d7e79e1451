/** What a pino instance holds under symbols, which differ in each copy of pino and are found by their descriptions. */

export type AsJson = (
  this: PinoInstance,
  object: unknown,
  message: unknown,
  level: number,
  time: string,
) => string
export type PinoInstance = { [key: symbol]: unknown }

export interface PinoInternals {
  /** What `pino()` returned: the prototype of every child, earlier and later ones. */
  readonly root: PinoInstance
  readonly asJson: symbol
  readonly chindings: symbol
  readonly formatters: symbol
  readonly nestedKey: symbol
  /** The beginning of a line by its level: `{"level":30`. */
  readonly lsCache: symbol
  readonly messageKey: symbol
}

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
  const asJson = symbols.get('pino.asJson')
  const chindings = symbols.get('pino.chindings')
  const formatters = symbols.get('pino.formatters')
  const nestedKey = symbols.get('pino.nestedKey')
  const lsCache = symbols.get('pino.lsCache')
  const messageKey = symbols.get('pino.messageKey')
  if (!root || !asJson || !chindings || !formatters || !nestedKey || !lsCache || !messageKey) return undefined
  const instance = root as PinoInstance
  return typeof instance[asJson] === 'function'
    ? { root: instance, asJson, chindings, formatters, nestedKey, lsCache, messageKey }
    : undefined
}

export function isPinoLogger(logger: unknown): boolean {
  return pinoInternals(logger) !== undefined
}

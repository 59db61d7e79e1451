import { AttributeList, type AttributeValue } from '@hashira/core'
import type { Fields } from './line-fields'

export interface LogLimits {
  /** Attributes of a record (`OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT`). Default 128. */
  readonly attributeCountLimit: number
  /** Characters of a text (`OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT`). Default 8,192. */
  readonly attributeValueLengthLimit: number
}

/** Names in a dotted key; an object below becomes JSON text. */
const MAX_DEPTH = 5
/** A longer list becomes JSON text, which the length limit cuts. */
const MAX_ELEMENTS = 128

/**
 * The fields of a line as attributes: an object inside becomes dotted keys (`user.id`), which is how OpenTelemetry names things
 * and what every backend can search for; a list of texts, numbers or booleans stays one, any other becomes JSON text; `null` is
 * left out. An error object gives `exception.type`, `.message` and `.stacktrace` (semantic conventions, "Exceptions in logs"),
 * and what else it has under its own key.
 */
export class LineAttributes {
  readonly list = new AttributeList()
  readonly #limits: LogLimits
  readonly #errorKey: string
  #isInexact = false

  constructor(limits: LogLimits, errorKey: string) {
    this.#limits = limits
    this.#errorKey = errorKey
  }

  /** Whether there is a whole number among the attributes that a double may not hold exactly. */
  get isInexact(): boolean {
    return this.#isInexact
  }

  put(path: string, key: string, value: unknown, depth: number): void {
    if (value === null) return
    if (typeof value !== 'object') this.#set(path, value)
    else if (Array.isArray(value)) this.#set(path, isPlainList(value) ? value : JSON.stringify(value))
    else if (this.#isError(key, value)) this.#putError(path, value, depth)
    else if (depth >= MAX_DEPTH || !this.#putAll(value, path, depth + 1))
      this.#set(path, JSON.stringify(value))
  }

  /** `false` when there is nothing in it. */
  #putAll(fields: object, prefix: string, depth: number): boolean {
    const keys = Object.keys(fields)
    for (const key of keys) this.put(`${prefix}.${key}`, key, (fields as Fields)[key], depth)
    return keys.length > 0
  }

  #isError(key: string, value: object): value is Fields {
    const { stack, message } = value as Fields
    const isErrorKey = key === this.#errorKey || key === 'err' || key === 'error'
    return isErrorKey && typeof stack === 'string' && typeof message === 'string' && !this.#hasException()
  }

  #hasException(): boolean {
    return this.list.has('exception.message')
  }

  #putError(path: string, { type, name, message, stack, ...rest }: Fields, depth: number): void {
    const kind = type ?? name
    if (typeof kind === 'string' && kind !== '') this.#set('exception.type', kind)
    this.#set('exception.message', message as string)
    this.#set('exception.stacktrace', stack as string)
    const others = kind === name || name === undefined ? rest : { name, ...rest }
    this.#putAll(others, path, depth + 1)
  }

  #set(key: string, value: unknown): void {
    const { list } = this
    if (key === '' || list.size >= this.#limits.attributeCountLimit) list.droppedCount++
    else {
      if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
        this.#isInexact = true
      list.set(key, this.#limited(value) as AttributeValue)
    }
  }

  #limited(value: unknown): unknown {
    const limit = this.#limits.attributeValueLengthLimit
    if (typeof value === 'string') return cut(value, limit)
    return Array.isArray(value)
      ? value.map((element) => (typeof element === 'string' ? cut(element, limit) : element))
      : value
  }
}

function isPlainList(values: readonly unknown[]): boolean {
  if (values.length > MAX_ELEMENTS) return false
  const kind = typeof values.find((value) => value !== null)
  return kind !== 'object' && values.every((value) => value === null || typeof value === kind)
}

/** Never in the middle of a character. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text
  const last = text.charCodeAt(limit - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit)
}

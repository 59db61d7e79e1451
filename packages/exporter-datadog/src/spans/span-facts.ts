import type { SpanRecord } from '@hashira/core'
import { SpanStatusCode } from '@opentelemetry/api'
import { type AttributeKey, attributeKey, SLOT, SLOT_COUNT } from './attribute-keys'
import type { ErrorText } from './error-text'
import { errorTextOf } from './error-text'
import { KIND } from './kinds'
import { cut, NAME_LIMIT, RESOURCE_LIMIT } from './limits'
import { operationName } from './operation-name'
import { resourceName } from './resource-name'
import { serverUrl } from './server-url'
import { spanType } from './span-type'

const { ERROR } = SpanStatusCode

/** `span.kind` by OpenTelemetry's KIND. */
export const KIND_NAMES = ['internal', 'server', 'client', 'producer', 'consumer'] as const
export type KindName = (typeof KIND_NAMES)[number]

/** What is missing or no text is `undefined`. */
export type Slots = readonly (string | undefined)[]

/**
 * What Datadog wants to know of a span beside its attributes. One object serves all spans of an encoder: it is filled anew for
 * each, and nothing of it is kept.
 */
export class SpanFacts {
  readonly keys: AttributeKey[] = []
  /** Where in the record's attributes a value is that is no text. */
  readonly numbers: number[] = []
  numberCount = 0
  /** Of the span before, by position: its attributes' names and the keys for them. */
  readonly #names: string[] = []
  readonly #ownKeys: AttributeKey[] = []
  // With counts of their own: to empty an array by its length makes it allocate anew.
  readonly #usedSlots: number[] = []
  #usedCount = 0
  readonly slots: (string | undefined)[] = new Array(SLOT_COUNT).fill(undefined)
  service = ''
  /** Of the process. */
  baseService = ''
  name = ''
  resource = ''
  type = ''
  kind: KindName = 'internal'
  isError = false
  error: ErrorText | undefined
  /** Put together from its parts, when the span has no whole URL. */
  url: string | undefined
  /** Its service is not the process's own. */
  isOtherService = false
  isTopLevel = false
  isMeasured = false

  /** @param service of the process */
  read(record: SpanRecord, service: string): void {
    const { slots } = this
    for (let i = 0; i < this.#usedCount; i++) slots[this.#usedSlots[i] as number] = undefined
    this.baseService = service
    this.#readAttributes(record)
    const { kind } = record
    this.kind = KIND_NAMES[kind] ?? 'internal'
    const own = slots[SLOT.service]
    this.isOtherService = own !== undefined && own !== '' && own !== service
    this.service = this.isOtherService ? cut(own!, NAME_LIMIT) : service
    this.name = cut(operationName(kind, slots), NAME_LIMIT)
    this.resource = cut(resourceName(record.name, kind, slots), RESOURCE_LIMIT)
    this.type = cut(spanType(kind, slots), NAME_LIMIT)
    this.isError = record.statusCode === ERROR
    this.error = this.isError ? errorTextOf(record, slots) : undefined
    this.url = kind === KIND.SERVER && slots[SLOT.url] === undefined ? serverUrl(slots) : undefined
    this.isTopLevel = record.isLocalRoot || this.isOtherService
    this.isMeasured = kind !== KIND.INTERNAL
  }

  #readAttributes(record: SpanRecord): void {
    const { keys, slots, numbers } = this
    const names = this.#names
    const own = this.#ownKeys
    const usedSlots = this.#usedSlots
    let numberCount = 0
    let usedCount = 0
    const { flat } = record.attributes
    const isPeer =
      record.kind === KIND.CLIENT || record.kind === KIND.PRODUCER || record.kind === KIND.CONSUMER
    for (let i = 0; i < flat.length; i += 2) {
      const name = flat[i] as string
      // Spans of one kind have the same keys in the same places: a look at the span before saves one into the map.
      const before = names[i >> 1]
      let key = name === before ? (own[i >> 1] as AttributeKey) : attributeKey(name)
      if (name !== before) {
        names[i >> 1] = name
        own[i >> 1] = key
      }
      const { slot } = key
      if (slot !== SLOT.none) {
        const value = flat[i + 1]
        usedSlots[usedCount++] = slot
        slots[slot] = typeof value === 'string' ? value : textOf(value)
        if (isPeer && key.asPeer !== undefined) key = key.asPeer
      }
      keys[i >> 1] = key
      if (typeof flat[i + 1] !== 'string') numbers[numberCount++] = i + 1
    }
    this.numberCount = numberCount
    this.#usedCount = usedCount
  }
}

const MAX_TEXTS = 1_000
const texts = new Map<number, string>()

/** Statuses and ports come again and again, and making their text takes 100 ns. */
function textOf(value: unknown): string | undefined {
  if (typeof value !== 'number') return value === undefined || value === null ? undefined : String(value)
  let text = texts.get(value)
  if (text === undefined) {
    text = String(value)
    if (texts.size < MAX_TEXTS) texts.set(value, text)
  }
  return text
}

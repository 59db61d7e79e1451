import type { BaggageEntry, Context, TextMapGetter, TextMapSetter } from '@opentelemetry/api'
import { baggageOf, isTracingSuppressed, withBaggage } from '../context'
import { countFault } from '../diagnostics'
import { BaggageList } from './baggage-list'
import { asciiSet, consistsOf, joinHeader } from './header-text'

// As for the `baggage` header, all of them together.
const MAX_ITEMS = 180
const MAX_BYTES = 8_192
const NAME = asciiSet("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~")

/** How a value stands in its header. Neither throws; `undefined` if it can't be said. */
export interface BaggageCoding {
  decode(text: string): string | undefined
  encode(value: string): string | undefined
}

/** Headers that each hold one item of baggage, under `prefix` and its key. */
export class PrefixedBaggage {
  readonly prefix: string
  readonly #coding: BaggageCoding

  constructor(prefix: string, coding: BaggageCoding) {
    this.prefix = prefix
    this.#coding = coding
  }

  /** `context` with the items added to the baggage that it has; an item that is there already stays. */
  extract<Carrier>(context: Context, carrier: Carrier, getter: TextMapGetter<Carrier>): Context {
    const items: [string, string | undefined][] = []
    for (const name of getter.keys(carrier)) {
      if (!hasPrefix(name, this.prefix)) continue
      if (items.length === MAX_ITEMS) {
        countFault('baggage_limit')
        break
      }
      const text = joinHeader(getter.get(carrier, name))
      const isShort = text !== undefined && text.length <= MAX_BYTES
      items.push([name.slice(this.prefix.length), isShort ? this.#coding.decode(text) : undefined])
    }
    return withItems(context, items)
  }

  inject<Carrier>(context: Context, carrier: Carrier, setter: TextMapSetter<Carrier>): void {
    const baggage = baggageOf(context)
    if (baggage === undefined || isTracingSuppressed(context)) return
    let room = MAX_BYTES
    let left = MAX_ITEMS
    for (const [key, { value }] of baggage.getAllEntries()) {
      const text = consistsOf(NAME, key) && value.length <= room ? this.#coding.encode(value) : undefined
      const size = this.prefix.length + key.length + (text?.length ?? 0)
      if (key === '' || text === undefined) countFault('baggage_member')
      else if (size > room || left === 0) countFault('baggage_limit')
      else {
        room -= size
        left--
        // Header names have no case: `userId` arrives as `userid` with whoever reads only these.
        setter.set(carrier, this.prefix + key.toLowerCase(), text)
      }
    }
  }
}

function hasPrefix(name: string, prefix: string): boolean {
  return name.length > prefix.length && name.slice(0, prefix.length).toLowerCase() === prefix
}

/** Adds `items` to the baggage of `context`, within 8,192 bytes; those that it has already stay as they are. */
export function withItems(
  context: Context,
  items: readonly (readonly [string, string | undefined])[],
): Context {
  if (items.length === 0) return context
  const entries = new Map<string, BaggageEntry>(baggageOf(context)?.getAllEntries())
  let room = MAX_BYTES
  for (const [key, value] of items) {
    if (key === '' || value === undefined || !consistsOf(NAME, key)) countFault('baggage_member')
    else if (key.length + value.length > room || entries.size >= MAX_ITEMS) countFault('baggage_limit')
    else {
      room -= key.length + value.length
      if (!entries.has(key)) entries.set(key, { value })
    }
  }
  return entries.size === 0 ? context : withBaggage(context, new BaggageList(entries))
}

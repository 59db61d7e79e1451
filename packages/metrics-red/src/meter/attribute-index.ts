import type { FlatAttributes } from '@hashira/core'
import { warnOverflow } from '../series-overflow'
import { acceptAttributes, flatten, type Pair } from './metric-attributes'

const OVERFLOW: FlatAttributes = ['otel.metric.overflow', true]
// Costs nothing within `for in`, where `Object.hasOwn` takes 25 ns per property (Node 20).
const isOwn = Object.prototype.hasOwnProperty

/** Other orders of the same attributes that are remembered, per series that there may be. */
const ORDERS_PER_SERIES = 4

/**
 * A step on the way from the first attribute to the series. What can follow is nearly always one key with many values, so one
 * key is a field, compared by identity in the usual case; others are in `more`.
 */
class Node<S> {
  key: string | undefined
  values: Map<unknown, Node<S>> | undefined
  more: Map<string, Map<unknown, Node<S>>> | undefined
  series: S | undefined
}

/**
 * The series of one metric by attribute objects.
 *
 * A tree of keys and values, walked in the order of the object's properties: nothing is joined into a string (a separator may
 * occur in a value: `{a:'x|',b:'y'}` is not `{a:'x',b:'|y'}`), nothing is allocated, `1`, `'1'` and `true` differ. An order that was not
 * seen before is sorted once and remembered. Beyond `maxSeries` new combinations share one more series, with the attribute
 * `otel.metric.overflow` (OpenTelemetry specification, cardinality limits).
 */
export class AttributeIndex<S extends { readonly attributes: FlatAttributes }> {
  readonly #metric: string
  readonly #maxSeries: number
  readonly #allowed: ReadonlySet<string> | undefined
  readonly #create: (attributes: FlatAttributes) => S
  readonly #root = new Node<S>()
  readonly #lists = new Map<string, object>()
  readonly #all: S[] = []
  #orders = 0
  #overflow: S | undefined

  /** @param allowed a view's allow-list of keys; default all */
  constructor(
    metric: string,
    maxSeries: number,
    allowed: ReadonlySet<string> | undefined,
    create: (attributes: FlatAttributes) => S,
  ) {
    this.#metric = metric
    this.#maxSeries = maxSeries
    this.#allowed = allowed
    this.#create = create
  }

  /** Never throws. */
  find(attributes: unknown): S {
    try {
      let node = this.#root
      if (attributes !== undefined && attributes !== null) {
        const allowed = this.#allowed
        for (const key in attributes) {
          if (allowed?.has(key) === false) continue
          if (!isOwn.call(attributes, key)) continue
          const value = (attributes as Record<string, unknown>)[key]
          if (value === undefined || value === null) continue
          const values = node.key === key ? node.values : node.more?.get(key)
          const next = values?.get(value)
          if (next === undefined) return this.#miss(attributes)
          node = next
        }
      }
      if (node.series !== undefined) return node.series
    } catch {
      // A getter or a Proxy; what can be read is read below.
    }
    return this.#miss(attributes)
  }

  /** In the order in which they were made, the overflow series last. */
  get all(): readonly S[] {
    return this.#overflow === undefined ? this.#all : [...this.#all, this.#overflow]
  }

  #miss(given: unknown): S {
    const { pairs, isVerbatim } = acceptAttributes(given, this.#allowed)
    const sorted = pairs.toSorted(([a], [b]) => (a < b ? -1 : 1))
    let series = this.#walk(sorted)?.series
    if (series === undefined) {
      if (this.#all.length >= this.#maxSeries) return this.#overflowed()
      series = this.#create(flatten(pairs))
      this.#all.push(series)
      this.#path(sorted).series = series
    }
    if (isVerbatim && this.#orders < ORDERS_PER_SERIES * this.#maxSeries) {
      const end = this.#path(pairs)
      if (end.series === undefined) this.#orders++
      end.series = series
    }
    return series
  }

  #walk(pairs: readonly Pair[]): Node<S> | undefined {
    let node: Node<S> | undefined = this.#root
    for (const [key, value] of pairs) {
      const values: Map<unknown, Node<S>> | undefined = node.key === key ? node.values : node.more?.get(key)
      node = values?.get(Array.isArray(value) ? this.#lists.get(textOf(value)) : value)
      if (node === undefined) return undefined
    }
    return node
  }

  #path(pairs: readonly Pair[]): Node<S> {
    let node = this.#root
    for (const [key, value] of pairs) {
      const values = valuesOf(node, key)
      const identity = Array.isArray(value) ? this.#listOf(value) : value
      let next = values.get(identity)
      if (next === undefined) {
        next = new Node()
        values.set(identity, next)
      }
      node = next
    }
    return node
  }

  /** Lists of equal elements are one value. */
  #listOf(value: readonly unknown[]): object {
    const text = textOf(value)
    let list = this.#lists.get(text)
    if (list === undefined) {
      list = {}
      this.#lists.set(text, list)
    }
    return list
  }

  #overflowed(): S {
    if (this.#overflow === undefined) {
      this.#overflow = this.#create(OVERFLOW)
      warnOverflow(
        this.#metric,
        this.#maxSeries,
        this.#all.map(({ attributes }) => attributes),
      )
    }
    return this.#overflow
  }
}

function textOf(list: readonly unknown[]): string {
  return JSON.stringify(list.map((element) => [typeof element, String(element)]))
}

function valuesOf<S>(node: Node<S>, key: string): Map<unknown, Node<S>> {
  if (node.key === undefined) {
    node.key = key
    node.values = new Map()
  }
  if (node.key === key) return node.values as Map<unknown, Node<S>>
  node.more ??= new Map()
  let values = node.more.get(key)
  if (values === undefined) {
    values = new Map()
    node.more.set(key, values)
  }
  return values
}

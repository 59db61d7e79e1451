import { type AttributeValue, countFault, type FlatAttributes } from '@hashira/core'
import { wellFormed } from '../metric/ascii-text'
import { type Dimension, memberName } from '../series-dimensions'
import type { Subject } from '../subject'

/** What all documents of one series begin with: everything but its metrics. */
export interface DocumentHead {
  /** `[["Service"],["Service","http.route"]]` */
  readonly dimensionSets: string
  /** `,"Service":"shop","http.route":"/"` */
  readonly members: string
  readonly names: ReadonlySet<string>
}

/** Of a text that is no dimension; what is longer is cut. */
const MAX_TEXT_LENGTH = 1_024

interface SeriesOfHead {
  readonly sets: readonly (readonly Dimension[])[]
  /** Labels that are in no set become properties. */
  readonly attributes: FlatAttributes
  readonly metricName: string
}

/** @param maxBytes for all members; properties that do not fit are left out and counted as a fault */
export function documentHead(
  { sets, attributes, metricName }: SeriesOfHead,
  subject: Subject,
  maxBytes: number,
): DocumentHead {
  const writer = new MemberWriter(maxBytes)
  for (const set of sets) for (const [name, value] of set) writer.dimension(name, value)
  for (let i = 0; i < attributes.length; i += 2)
    writer.property(memberName(attributes[i] as string, metricName), attributes[i + 1] as AttributeValue)
  for (const [name, value] of subject.properties) writer.property(name, value)
  const dimensionSets = JSON.stringify(sets.map((set) => set.map(([name]) => name)))
  return { dimensionSets, members: writer.text, names: writer.names }
}

class MemberWriter {
  text = ''
  readonly names = new Set<string>()
  readonly #dimensions = new Set<string>()
  #leftBytes: number

  constructor(maxBytes: number) {
    this.#leftBytes = maxBytes
  }

  dimension(name: string, value: string): void {
    if (this.#dimensions.has(name)) return
    this.#dimensions.add(name)
    this.#write(name, memberText(name, JSON.stringify(value)))
  }

  property(label: string, value: AttributeValue): void {
    let name = wellFormed(label)
    if (this.#dimensions.has(name)) return
    while (this.names.has(name)) name = `label.${name}`
    const text = memberText(name, propertyText(value))
    if (Buffer.byteLength(text) > this.#leftBytes) countFault('cloudwatch_property')
    else this.#write(name, text)
  }

  #write(name: string, text: string): void {
    this.names.add(name)
    this.text += text
    this.#leftBytes -= Buffer.byteLength(text)
  }
}

function memberText(name: string, json: string): string {
  return `,${JSON.stringify(name)}:${json}`
}

function propertyText(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shortText(value))
  if (Array.isArray(value))
    return JSON.stringify(value.map((item) => (typeof item === 'string' ? shortText(item) : item)))
  return (
    JSON.stringify(typeof value === 'number' && !Number.isFinite(value) ? String(value) : value) ?? 'null'
  )
}

function shortText(text: string): string {
  return wellFormed(text.length > MAX_TEXT_LENGTH ? text.slice(0, MAX_TEXT_LENGTH) : text)
}

import { type Identity, RUNTIME_ID } from './identity'
import type { KindName } from './span-facts'
import { TagBlock } from './tag-block'

/** Kinds, times components. */
const MAX_BLOCKS = 500

/** The tags that spans have from their process, encoded once. */
export class IdentityTags {
  readonly identity: Identity
  /** `DD_TAGS`. */
  readonly tags: TagBlock
  /** What stands on local roots and on the first span of a chunk. */
  readonly atRoots: TagBlock
  readonly #blocks = new Map<string, Map<string, TagBlock>>()
  #count = 0

  constructor(identity: Identity) {
    this.identity = identity
    this.tags = new TagBlock(identity.tags)
    this.atRoots = new TagBlock([
      ['language', 'javascript'],
      ['runtime-id', RUNTIME_ID],
      ...identity.resourceTags,
    ])
  }

  /** `span.kind`, `component` (unless it is empty), `env`, `version` (of this service's spans only) and the tags. */
  blockFor(kind: KindName, component: string, isOtherService: boolean): TagBlock {
    if (isOtherService) return this.#newBlock(kind, component, '')
    return this.#blocks.get(component)?.get(kind) ?? this.#keep(kind, component)
  }

  #keep(kind: KindName, component: string): TagBlock {
    const block = this.#newBlock(kind, component, this.identity.version)
    if (this.#count >= MAX_BLOCKS) return block
    const ofComponent = this.#blocks.get(component)
    if (ofComponent === undefined) this.#blocks.set(component, new Map([[kind, block]]))
    else ofComponent.set(kind, block)
    this.#count++
    return block
  }

  #newBlock(kind: KindName, component: string, version: string): TagBlock {
    const pairs: (readonly [string, string])[] = [
      ['span.kind', kind],
      ['component', component],
      ['env', this.identity.env],
      ['version', version],
    ]
    return new TagBlock([...pairs.filter(([, value]) => value !== ''), ...this.identity.tags])
  }
}

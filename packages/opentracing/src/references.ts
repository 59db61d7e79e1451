import type { SpanContextShim } from './span-context-shim'
import { SpanShim } from './span-shim'

/** A reference to a span of ours. */
export interface Found {
  readonly type: 'child_of' | 'follows_from'
  readonly context: SpanContextShim
}

/** `childOf` first, then the list; what is none of ours is left out. */
export function referencesOf(childOf: unknown, references: unknown): Found[] {
  const found: Found[] = []
  const add = (type: unknown, target: unknown) => {
    const context = SpanShim.contextOf(target)
    if (context !== undefined)
      found.push({ type: type === 'follows_from' ? 'follows_from' : 'child_of', context })
  }
  add('child_of', childOf)
  if (!Array.isArray(references)) return found
  for (const reference of references as { type?(): unknown; referencedContext?(): unknown }[])
    add(reference?.type?.(), reference?.referencedContext?.())
  return found
}

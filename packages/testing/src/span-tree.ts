import { AssertionError } from 'node:assert'
import type { SpanCopy } from './span-copy'

export interface SpanNode {
  readonly span: SpanCopy
  /** In the order of their starts. */
  readonly children: readonly SpanNode[]
}

/**
 * The first span with this name, or that `matches`.
 * @throws AssertionError that lists the spans there are
 */
export function findSpan(
  spans: readonly SpanCopy[],
  matches: string | ((span: SpanCopy) => boolean),
): SpanCopy {
  const wanted = typeof matches === 'string' ? (span: SpanCopy) => span.name === matches : matches
  const found = spans.find(wanted)
  if (found !== undefined) return found
  const name = typeof matches === 'string' ? `named "${matches}"` : 'that matches'
  throw new AssertionError({ message: `no span ${name}; there are:\n${outline(spans) || '(none)'}` })
}

/** The spans as trees: a root is one whose parent is not among them. Roots and children are in the order of their starts. */
export function spanTree(spans: readonly SpanCopy[]): SpanNode[] {
  const idOf = (traceId: string, spanId: string) => `${traceId} ${spanId}`
  const nodes = new Map<string, { span: SpanCopy; children: SpanNode[] }>()
  const byStart = [...spans].sort((a, b) => a.startUnixMs - b.startUnixMs)
  for (const span of byStart) nodes.set(idOf(span.traceId, span.spanId), { span, children: [] })
  const roots: SpanNode[] = []
  for (const node of nodes.values()) {
    const { traceId, parentSpanId } = node.span
    const parent = parentSpanId === undefined ? undefined : nodes.get(idOf(traceId, parentSpanId))
    const siblings = parent === undefined ? roots : parent.children
    siblings.push(node)
  }
  return roots
}

/** The trees as text, one span a line, children two spaces further in: short to compare, readable when it differs. */
export function outline(spans: readonly SpanCopy[]): string {
  const linesOf = (node: SpanNode, depth: number): string[] => [
    `${'  '.repeat(depth)}${node.span.name}`,
    ...node.children.flatMap((child) => linesOf(child, depth + 1)),
  ]
  return spanTree(spans)
    .flatMap((root) => linesOf(root, 0))
    .join('\n')
}

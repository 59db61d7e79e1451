import type { TraceSpan } from './trace-span'

/** A span at its place in the tree. */
export interface TreeRow {
  readonly span: TraceSpan
  /** What is drawn in front of the name: `│  └─ `. */
  readonly lead: string
}

interface Pending extends TreeRow {
  /** What is drawn in front of its children, before their own branch. */
  readonly indent: string
}

/**
 * The spans in the order in which a tree shows them: parents first, siblings by start time. Several roots are shown one after
 * the other; a parent that is not among the spans makes a root, and a circle of parents is cut at its first span.
 */
export function treeRows(spans: readonly TraceSpan[]): TreeRow[] {
  const children = childrenByParent(spans)
  const rows: TreeRow[] = []
  const shown = new Set<TraceSpan>()
  for (const root of [...byStart(rootsOf(spans)), ...byStart(spans)]) {
    // A stack instead of a recursion: a chain of 10,000 spans is as good as any.
    const stack: Pending[] = [{ span: root, lead: '', indent: '' }]
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (shown.has(next.span)) continue
      shown.add(next.span)
      rows.push({ span: next.span, lead: next.lead })
      stack.push(...branches(children.get(next.span.spanId) ?? [], next.indent).reverse())
    }
  }
  return rows
}

/** Columns; what is deeper is drawn below each other, or a long chain would take memory by the square. */
const MAX_INDENT = 90

function branches(children: readonly TraceSpan[], indent: string): Pending[] {
  const isDeep = indent.length >= MAX_INDENT
  return byStart(children).map((span, i) => {
    const isLast = i === children.length - 1
    return {
      span,
      lead: `${indent}${isLast ? '└─ ' : '├─ '}`,
      indent: isDeep ? indent : `${indent}${isLast ? '   ' : '│  '}`,
    }
  })
}

function rootsOf(spans: readonly TraceSpan[]): TraceSpan[] {
  const ids = new Set(spans.map(({ spanId }) => spanId))
  return spans.filter(({ parentSpanId }) => parentSpanId === undefined || !ids.has(parentSpanId))
}

export function childrenByParent<T extends TraceSpan>(spans: readonly T[]): Map<string, T[]> {
  const children = new Map<string, T[]>()
  for (const span of spans) {
    if (span.parentSpanId === undefined) continue
    const siblings = children.get(span.parentSpanId)
    if (siblings === undefined) children.set(span.parentSpanId, [span])
    else siblings.push(span)
  }
  return children
}

function byStart(spans: readonly TraceSpan[]): TraceSpan[] {
  return [...spans].sort((a, b) => a.startMs - b.startMs)
}

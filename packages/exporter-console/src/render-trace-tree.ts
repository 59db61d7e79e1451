import { type ShownAttributes, spanDetails } from './span-details'
import { clip, columns, type Paint, pad, painter, printable } from './terminal-text'
import type { TraceSpan } from './trace-span'
import { type TreeRow, treeRows } from './tree-order'

export interface RenderOptions {
  /** The line above the tree; none by default. */
  readonly title?: string | undefined
  /** ANSI colours. Default false. */
  readonly color?: boolean | undefined
  /** Columns of the bar that shows when a span ran; 0 leaves it out. Default 20. */
  readonly barWidth?: number | undefined
  /** Columns that tree and names may take. Default 60. */
  readonly maxNameWidth?: number | undefined
  /** `key`: what tells most, and the app's own; `all`; `none`. Default `key`. */
  readonly attributes?: ShownAttributes | undefined
}

interface Frame {
  readonly startMs: number
  readonly durationMs: number
  readonly nameWidth: number
  readonly durationWidth: number
  readonly showServices: boolean
}

/**
 * The spans of one trace as a tree of text lines: name, offset from the first span, duration, a bar, errors and attributes.
 * They may come from several services. Pure; ends with a line break.
 */
export function renderTraceTree(spans: readonly TraceSpan[], options: RenderOptions = {}): string {
  const paint = painter(options.color ?? false)
  const rows = treeRows(spans)
  const frame = frameOf(rows, options.maxNameWidth ?? 60)
  const lines = rows.map((row) => line(row, frame, options, paint))
  if (options.title !== undefined) lines.unshift(paint('bold', printable(options.title)))
  return lines.map((text) => `${text.trimEnd()}\n`).join('')
}

function frameOf(rows: readonly TreeRow[], maxNameWidth: number): Frame {
  let startMs = Number.POSITIVE_INFINITY
  let endMs = Number.NEGATIVE_INFINITY
  let nameWidth = 0
  let durationWidth = 0
  const services = new Set<string>()
  for (const { span } of rows) {
    startMs = Math.min(startMs, span.startMs)
    endMs = Math.max(endMs, span.startMs + span.durationMs)
    if (span.service !== undefined) services.add(span.service)
  }
  const showServices = services.size > 1
  for (const row of rows) {
    nameWidth = Math.max(nameWidth, columns(row.lead + label(row.span, showServices)))
    durationWidth = Math.max(durationWidth, formatMs(row.span.durationMs).length)
  }
  const width = Math.min(nameWidth, maxNameWidth)
  return { startMs, durationMs: endMs - startMs, nameWidth: width, durationWidth, showServices }
}

function line({ span, lead }: TreeRow, frame: Frame, options: RenderOptions, paint: Paint): string {
  const room = Math.max(8, frame.nameWidth - columns(lead))
  const name = clip(label(span, frame.showServices), room)
  const style = span.isError === true ? 'red' : 'bold'
  const gap = ' '.repeat(Math.max(0, frame.nameWidth - columns(lead) - columns(name)))
  const duration = formatMs(span.durationMs).padStart(frame.durationWidth)
  const offset = pad(`+${formatMs(span.startMs - frame.startMs)}`, 9)
  const bar = barOf(span, frame, options.barWidth ?? 20)
  const details = spanDetails(span, options.attributes ?? 'key', paint)
  return [
    `${paint('gray', lead)}${paint(style, name)}${gap}`,
    paint('yellow', duration),
    paint('gray', offset),
    ...(bar === '' ? [] : [paint(span.isError === true ? 'red' : 'cyan', bar)]),
    details,
  ].join('  ')
}

function label(span: TraceSpan, showServices: boolean): string {
  const name = printable(span.name) || '(no name)'
  return showServices && span.service !== undefined ? `${printable(span.service)}: ${name}` : name
}

function barOf(span: TraceSpan, frame: Frame, width: number): string {
  if (width === 0) return ''
  const scale = frame.durationMs > 0 ? width / frame.durationMs : 0
  const start = Math.min(width - 1, Math.floor((span.startMs - frame.startMs) * scale))
  const length = Math.max(1, Math.min(width - start, Math.round(span.durationMs * scale)))
  return `${'·'.repeat(start)}${'━'.repeat(length)}${'·'.repeat(width - start - length)}`
}

/** Three significant digits are enough to read: `0.42 ms`, `12.3 ms`, `1.25 s`. */
export function formatMs(durationMs: number): string {
  if (!Number.isFinite(durationMs)) return '? ms'
  if (durationMs >= 9_999.5) return `${(durationMs / 1000).toFixed(1)} s`
  if (durationMs >= 999.5) return `${(durationMs / 1000).toFixed(2)} s`
  if (durationMs >= 99.95) return `${durationMs.toFixed(0)} ms`
  if (durationMs >= 9.995) return `${durationMs.toFixed(1)} ms`
  return `${durationMs.toFixed(2)} ms`
}

import { cut } from './limits'
import type { StackFrame } from './segment-document'

/** Read of a stack; what is beyond is only counted. */
const MAX_FRAMES = 50

export interface ParsedStack {
  readonly frames: StackFrame[]
  readonly truncated: number
  /** The error under `[cause]`, as Node prints it. */
  readonly cause: ParsedCause | undefined
}

export interface ParsedCause extends ParsedStack {
  readonly type: string | undefined
  readonly message: string
}

const FRAME = /^\s{1,16}at /
const CAUSE = /^\s*(?:\[cause\]: |caused by: )(.*)$/i
const NAMED = /^(?:Uncaught )?([A-Za-z_$][\w$.]*)(?: \[[^\]]*\])?: ([\s\S]*)$/
/** Causes of causes; also bounds the recursion. */
const MAX_DEPTH = 5

/** The frames of V8's `error.stack`. Lines that are none (the message, source excerpts) are passed over. Never throws. */
export function parseStack(stack: string, depth = 0): ParsedStack {
  const lines = stack.split('\n')
  const frames: StackFrame[] = []
  let truncated = 0
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as string
    // Before the first frame it is part of the message.
    const cause = frames.length > 0 && depth < MAX_DEPTH ? CAUSE.exec(line.slice(0, 1_000)) : null
    if (cause !== null) {
      const rest = parseStack(lines.slice(i + 1).join('\n'), depth + 1)
      return { frames, truncated, cause: { ...nameAndMessage(cause[1] as string), ...rest } }
    }
    if (!FRAME.test(line)) continue
    if (frames.length < MAX_FRAMES) frames.push(frameOf(line.slice(0, 1_000).replace(FRAME, '').trimEnd()))
    else truncated++
  }
  return { frames, truncated, cause: undefined }
}

/**
 * `fn (path:line:column)` or `path:line:column`; a path may have colons (`file:///`, `node:fs`, `C:\`) and parentheses. By hand:
 * one regular expression for all of it takes time in the square of the line's length.
 */
function frameOf(text: string): StackFrame {
  const open = text.endsWith(')') ? text.indexOf(' (') : -1
  const place = open < 0 ? text : text.slice(open + 2, -1)
  const numbers = /:(\d{1,9})(?::\d{1,9})?$/.exec(place)
  const path = cut(numbers === null ? place : place.slice(0, numbers.index))
  const label = open > 0 ? { label: cut(text.slice(0, open)) } : undefined
  return numbers === null ? { path, ...label } : { path, line: Number(numbers[1]), ...label }
}

function nameAndMessage(text: string): { type: string | undefined; message: string } {
  const named = NAMED.exec(text.replace(/ \{$/, ''))
  return named === null ? { type: undefined, message: text } : { type: named[1], message: named[2] as string }
}

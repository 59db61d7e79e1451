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

// `at fn (path:line:column)` and `at path:line:column`; a path may have colons (`file:///`, `node:fs`, `C:\`) and parentheses.
const FRAME = /^\s*at (?:(.*?) \()?(.*?)(?::(\d+))?(?::\d+)?\)?$/
const CAUSE = /^\s*(?:\[cause\]: |Caused by: )(.*)$/
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
    const cause = depth < MAX_DEPTH ? CAUSE.exec(line.slice(0, 1_000)) : null
    if (cause !== null) {
      const rest = parseStack(lines.slice(i + 1).join('\n'), depth + 1)
      return { frames, truncated, cause: { ...nameAndMessage(cause[1] as string), ...rest } }
    }
    const frame = frameOf(line)
    if (frame === undefined) continue
    if (frames.length < MAX_FRAMES) frames.push(frame)
    else truncated++
  }
  return { frames, truncated, cause: undefined }
}

function frameOf(line: string): StackFrame | undefined {
  if (!/^\s{1,16}at /.test(line)) return undefined
  const match = FRAME.exec(line.slice(0, 1_000))
  if (match === null) return undefined
  const [, label, path, number] = match as unknown as [string, string | undefined, string, string | undefined]
  return {
    path: cut(path),
    ...(number === undefined ? undefined : { line: Number(number) }),
    ...(label === undefined || label === '' ? undefined : { label: cut(label) }),
  }
}

function nameAndMessage(text: string): { type: string | undefined; message: string } {
  const named = NAMED.exec(text.replace(/ \{$/, ''))
  return named === null ? { type: undefined, message: text } : { type: named[1], message: named[2] as string }
}

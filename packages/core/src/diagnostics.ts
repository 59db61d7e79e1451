import type { ErrorCode } from './errors'
import { shared } from './shared'

export type DiagnosticLevel = 'info' | 'warn'
export type DiagnosticSink = (level: DiagnosticLevel, line: string) => void

interface Diagnostics {
  sink: DiagnosticSink
  readonly said: Set<string>
  readonly faults: Map<string, number>
  saying: boolean
}

const diagnostics = shared<Diagnostics>('diagnostics', () => ({
  sink: writeToStderr,
  said: new Set(),
  faults: new Map(),
  saying: false,
}))

function writeToStderr(_level: DiagnosticLevel, line: string): void {
  try {
    process.stderr.write(`hashira: ${line}\n`)
  } catch {
    countFault('stderr')
  }
}

/**
 * Says one line about Hashira itself: stderr, unless {@link setDiagnosticSink} chose another place. What an error of somebody
 * else brings with it (line breaks) stays on that line. Never throws.
 */
export function say(level: DiagnosticLevel, line: string): void {
  const outer = diagnostics.saying
  diagnostics.saying = true
  try {
    diagnostics.sink(level, line.replace(/\s*[\r\n]+\s*/g, ' '))
  } catch {
    countFault('diagnostic_sink')
  } finally {
    diagnostics.saying = outer
  }
}

/**
 * Whether Hashira is saying something about itself at this moment: a line that the app's logger writes meanwhile must not
 * become a log record, or a failing log exporter would feed itself.
 */
export function isSaying(): boolean {
  return diagnostics.saying
}

/** A warning with a stable code, said once per `key` (default: the text itself) and process. */
export function warnOnce(code: ErrorCode, text: string, key: string = text): void {
  const id = `${code} ${key}`
  if (diagnostics.said.has(id)) return
  if (diagnostics.said.size >= 1_000) diagnostics.said.clear()
  diagnostics.said.add(id)
  say('warn', `${text} [${code}]`)
}

/** Routes Hashira's own lines elsewhere, e.g. into the app's logger. `undefined` goes back to stderr. */
export function setDiagnosticSink(sink: DiagnosticSink | undefined): void {
  diagnostics.sink = sink ?? writeToStderr
}

/**
 * Counts something that was caught instead of thrown into the app: a hook that threw, a bad attribute value, a bad header.
 * `reason` is a short fixed word; the counts are exposed as `hashira_faults_total{reason}`.
 */
export function countFault(reason: string, count = 1): void {
  diagnostics.faults.set(reason, (diagnostics.faults.get(reason) ?? 0) + count)
}

/** What {@link countFault} counted so far, by reason. */
export function faultCounts(): ReadonlyMap<string, number> {
  return diagnostics.faults
}

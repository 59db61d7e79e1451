const SYNTAX = /^[a-z][a-z0-9_.\-/]{0,254}$/i

/** OpenTelemetry's instrument name syntax: ASCII, first a letter, at most 255 characters of letters, digits, `_`, `.`, `-`, `/`. */
export function isInstrumentName(name: unknown): name is string {
  return typeof name === 'string' && SYNTAX.test(name)
}

/** The names of pino's levels and of other loggers, for custom levels whose numbers are on a scale of their own. */
const BY_NAME: Readonly<Record<string, number>> = {
  trace: 1,
  debug: 5,
  verbose: 5,
  info: 9,
  notice: 10,
  warn: 13,
  warning: 13,
  error: 17,
  err: 17,
  critical: 21,
  crit: 21,
  fatal: 21,
  alert: 22,
  emerg: 23,
  emergency: 23,
}

/**
 * OpenTelemetry's severity number (1 to 24) of a pino level: by its name where it is one that loggers agree on, else by its
 * place between pino's own numbers, four steps to each ten: 30 is 9 (INFO), 35 is 11 (INFO3), 60 is 21 (FATAL).
 * Logs data model, "Mapping of SeverityNumber". 0, not known, for what is no number.
 */
export function severityNumber(level: number, label: string | undefined): number {
  const named = label === undefined ? undefined : BY_NAME[label.toLowerCase()]
  if (typeof named === 'number') return named
  if (!Number.isFinite(level)) return 0
  return Math.min(Math.max(1 + Math.floor((level - 10) / 2.5), 1), 24)
}

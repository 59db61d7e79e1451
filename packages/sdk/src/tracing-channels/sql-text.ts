/** More of a statement is not looked at. */
const MAX_LENGTH = 8_192

/** Texts, numbers, comments of MySQL; in this order, because a text may hold any of the others. */
const LITERALS =
  /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|\/\*[\s\S]*?\*\/|(?:--|#)[^\n]*|\b0x[0-9a-f]+\b|(?<![\w$.`])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?\b/gi

/**
 * A statement without what may be somebody's data: each literal is a `?`, comments are gone (OpenTelemetry, "Sanitization of
 * db.query.text"). A text that was cut off is taken to end with the statement.
 */
export function withoutLiterals(sql: string): string {
  const cut = sql.length > MAX_LENGTH ? sql.slice(0, MAX_LENGTH) : sql
  const replaced = cut.replace(LITERALS, (found) => (/^(?:\/\*|--|#)/.test(found) ? '' : '?'))
  return replaced.replace(/(?:'|")[\s\S]*$/, '?').trim()
}

export interface QuerySummary {
  /** `SELECT` */
  readonly operation: string | undefined
  /** The first table that is named. */
  readonly table: string | undefined
}

const OPERATION = /^\s*\(?\s*([a-z]+)/i
const TABLE =
  /\b(?:from|into|update|table|join)\s+(?:if\s+(?:not\s+)?exists\s+)?[`"]?([\w$]+(?:[`"]?\.[`"]?[\w$]+)?)/i

/** What names a span: `SELECT users`. @param text without literals */
export function summaryOf(text: string): QuerySummary {
  return {
    operation: OPERATION.exec(text)?.[1]?.toUpperCase(),
    table: TABLE.exec(text)?.[1]?.replace(/[`"]/g, ''),
  }
}

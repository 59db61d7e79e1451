export type Fields = Record<string, unknown>

/**
 * What a finished line says beside its level, its time and what correlation added.
 *
 * Pino's line begins with exactly those (`head`), so they are not even parsed. A line that somebody changed afterwards
 * (`hooks.streamWrite`) is parsed whole, and what it still has of them is taken out.
 *
 * @param exactly whole numbers beyond 2^53, as which pino writes a BigInt, become their digits; parsing so costs several times
 *   more, and Node 20 can't
 * @returns `undefined` when the line is no JSON object
 */
export function lineFields(line: string, head: string, exactly: boolean): Fields | undefined {
  try {
    if (line.startsWith(head)) {
      const from = line.charCodeAt(head.length) === COMMA ? head.length + 1 : head.length
      return parse(`{${line.slice(from)}`, exactly)
    }
    const fields = parse(line, exactly)
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return undefined
    for (const [key, value] of Object.entries(parse(`${head}}`, false))) {
      if (fields[key] === value) delete fields[key]
    }
    return fields
  } catch {
    return undefined
  }
}

const COMMA = 0x2c

function parse(json: string, exactly: boolean): Fields {
  return exactly ? JSON.parse(json, digitsOf) : JSON.parse(json)
}

function digitsOf(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source
  return source !== undefined && /^-?\d+$/.test(source) ? source : value
}

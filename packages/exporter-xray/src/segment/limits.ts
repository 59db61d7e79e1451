/** Of any text of a document that has no limit of its own (developer guide, "Segment documents"). */
const MAX_TEXT = 250

/** At most `max` UTF-16 units of `text`, never half a character. */
export function cut(text: string, max: number = MAX_TEXT): string {
  if (text.length <= max) return text
  const last = text.charCodeAt(max - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? max - 1 : max)
}

/** `fields`, or `undefined` when all of them are: JSON leaves such fields out, an empty object it would not. */
export function defined<T extends object>(fields: T): T | undefined {
  for (const key in fields) if (fields[key] !== undefined) return fields
  return undefined
}

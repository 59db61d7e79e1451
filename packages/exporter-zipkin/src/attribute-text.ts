/** A lone surrogate becomes U+FFFD, as it does in UTF-8: JSON would carry it on to readers that refuse it. */
export function wellFormed(text: unknown): string {
  // In every supported Node, but not in the `es2023` library of TypeScript.
  return (String(text) as string & { toWellFormed(): string }).toWellFormed()
}

/** An attribute's value as a tag: arrays as JSON (OpenTelemetry specification, Zipkin, "Attribute"). */
export function attributeText(value: unknown): string {
  return Array.isArray(value) ? jsonText(value) : wellFormed(value)
}

/** JSON, with the numbers that JSON does not have as their names. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'string') return wellFormed(inner)
    return typeof inner === 'number' && !Number.isFinite(inner) ? String(inner) : inner
  })
}

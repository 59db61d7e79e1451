// Events are whatever somebody sent: every field is looked at before it is believed.

export type Fields = Readonly<Record<string, unknown>>

export function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null ? (value as Fields) : undefined
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Lower-case names; the first of several values, as propagators read them. */
export function headersOf(event: Fields): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const source of [event['multiValueHeaders'], event['headers']]) {
    for (const [name, value] of Object.entries(fieldsOf(source) ?? {})) {
      const text = textOf(Array.isArray(value) ? value[0] : value)
      if (text !== undefined) headers[name.toLowerCase()] = text
    }
  }
  return headers
}

/** What an error says, on one line and short; never throws. Node's AggregateError (all addresses failed) has its text inside. */
export function errorText(error: unknown): string {
  try {
    if (error instanceof AggregateError && error.message === '') return error.errors.map(errorText).join(', ')
    const { message, code } = error as NodeJS.ErrnoException
    const text = typeof message === 'string' && message !== '' ? message : String(error)
    const withCode = typeof code === 'string' && !text.includes(code) ? `${text} (${code})` : text
    return oneLine(withCode)
  } catch {
    return 'an error without a text'
  }
}

/** Printable, on one line, at most 200 characters. */
export function oneLine(text: string): string {
  const printable = text.replace(/[^\x20-\x7e\u00a1-\ud7ff]+/g, ' ').trim()
  return printable.length > 200 ? `${printable.slice(0, 197)}...` : printable
}

/**
 * Printable ASCII, which is all that CloudWatch takes in names and dimension values: other characters are percent-encoded as
 * in a URL, so different texts stay different. Cut to `maxLength`.
 */
export function asciiText(text: string, maxLength: number): string {
  const ascii = /^[\x20-\x7e]*$/.test(text)
    ? text
    : wellFormed(text).replace(/[^\x20-\x7e]+/g, (part) => encodeURIComponent(part))
  return ascii.length > maxLength ? ascii.slice(0, maxLength) : ascii
}

/** With U+FFFD in place of surrogates that have no other half, which UTF-8 can't hold. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd')
}

/** Errors of HTTP/1.1. Codes of what is malformed begin with `HPE_`, as those of Node's own parser do. */
export function malformed(code: string, text: string): Error {
  return Object.assign(new Error(`the answer is no HTTP: ${text}`), { code: `HPE_${code}` })
}

/** The backend, or whoever is between, hung up; with the code that the operating system has for it. */
export function cutOff(begun: boolean): Error {
  const text = begun ? 'the answer was cut off' : 'the connection was closed without an answer'
  return Object.assign(new Error(text), { code: 'ECONNRESET' })
}

import { isReplaced, type TraceHeaders } from './trace-headers'

/** What undici's channels tell of a request; undici 5 keeps its headers as a string, later ones as a flat list. */
export interface UndiciRequest {
  readonly method: string
  readonly origin: string | URL
  readonly path: string
  readonly upgrade?: unknown
  headers: string | (string | string[])[] | object
  addHeader(name: string, value: string): unknown
}

/** Replaces or adds `headers`; undici's own `addHeader` doubles what is there. */
export function setUndiciHeaders(request: UndiciRequest, headers: TraceHeaders): void {
  if (headers.length === 0) return
  const { headers: existing } = request
  if (typeof existing === 'string') request.headers = withoutLines(existing, headers)
  else if (Array.isArray(existing)) removePairs(existing, headers)
  for (let i = 0; i < headers.length; i += 2) request.addHeader(headers[i]!, headers[i + 1]!)
}

function withoutLines(text: string, headers: TraceHeaders): string {
  return text
    .split('\r\n')
    .filter((line) => !isReplaced(headers, line.slice(0, Math.max(0, line.indexOf(':')))))
    .join('\r\n')
}

function removePairs(pairs: unknown[], headers: TraceHeaders): void {
  for (let i = pairs.length - 2; i >= 0; i -= 2) {
    if (isReplaced(headers, String(pairs[i]))) pairs.splice(i, 2)
  }
}

import type { IncomingMessage } from 'node:http'
import type { AttributeValue } from '@opentelemetry/api'

interface Captured {
  readonly header: string
  readonly attribute: string
}

function captured(names: readonly string[], prefix: string): Captured[] {
  const lower = [...new Set(names.map((name) => name.toLowerCase()))]
  return lower.map((header) => ({ header, attribute: prefix + header }))
}

/** The allow-lists of headers that become attributes: always lists of texts, as OpenTelemetry has them. */
export class CapturedHeaders {
  readonly #request: readonly Captured[]
  readonly #response: readonly Captured[]

  constructor(request: readonly string[], response: readonly string[]) {
    this.#request = captured(request, 'http.request.header.')
    this.#response = captured(response, 'http.response.header.')
  }

  addRequest(request: IncomingMessage, attributes: (string | AttributeValue)[]): void {
    for (const { header, attribute } of this.#request) {
      const value = request.headers[header]
      if (value !== undefined) attributes.push(attribute, typeof value === 'string' ? [value] : value)
    }
  }

  /** Whether anything of a response is wanted. */
  get ofResponse(): boolean {
    return this.#response.length > 0
  }

  addResponse(read: (name: string) => unknown, push: (key: string, value: string[]) => void): void {
    for (const { header, attribute } of this.#response) {
      const value = read(header) ?? undefined
      if (value !== undefined) push(attribute, Array.isArray(value) ? value : [String(value)])
    }
  }
}

import { httpSettings } from './settings'

const REDACTED = 'REDACTED'

/** Of signed URLs, case-sensitive (OpenTelemetry, `url.query`). */
const SIGNATURE_KEYS: ReadonlySet<string> = new Set([
  'X-Amz-Signature',
  'X-Amz-Credential',
  'X-Amz-Security-Token',
  'AWSAccessKeyId',
  'Signature',
  'sig',
  'X-Goog-Signature',
])

/** Names that say "secret" anywhere, as whole words: `access_token`, `X-Api-Key`, `sessionId` are, `tokenize` is not. */
const SECRET_WORD = /(?:^|[^a-z0-9])(?:token|password|secret|api[_-]?key|code|session)(?:$|[^a-z0-9])/i

const WORD_BOUNDARY = /([a-z0-9])([A-Z])/g

/** Which query parameters are secret: the fixed ones, and `extra` (case-insensitive, whole names). */
export class QueryRedaction {
  readonly #extra: ReadonlySet<string>
  readonly #verdicts = new Map<string, boolean>()

  constructor(extra: readonly string[] = []) {
    this.#extra = new Set(extra.map((key) => key.toLowerCase()))
  }

  /** `query` (without its `?`) with the values of secret parameters replaced; every other byte stays as it is. */
  redact(query: string): string {
    let redacted = ''
    let copied = 0
    // Looked for again only when it is passed: a query of nothing but `&` would be read to its end for each of them.
    let equals = query.indexOf('=')
    for (let start = 0; start < query.length && equals >= 0; ) {
      const ampersand = query.indexOf('&', start)
      const end = ampersand < 0 ? query.length : ampersand
      if (equals < start) equals = query.indexOf('=', start)
      if (equals >= start && equals + 1 < end && this.#isSecret(query.slice(start, equals))) {
        redacted += query.slice(copied, equals + 1) + REDACTED
        copied = end
      }
      start = end + 1
    }
    return copied === 0 ? query : redacted + query.slice(copied)
  }

  /** An absolute URL with its userinfo and the values of secret parameters replaced. */
  redactUrl(url: string): string {
    const clean = redactUserinfo(url)
    const question = clean.indexOf('?')
    if (question < 0) return clean
    const hash = clean.indexOf('#', question)
    const end = hash < 0 ? clean.length : hash
    return clean.slice(0, question + 1) + this.redact(clean.slice(question + 1, end)) + clean.slice(end)
  }

  #isSecret(key: string): boolean {
    const known = this.#verdicts.get(key)
    if (known !== undefined) return known
    const verdict = this.#judge(key)
    if (this.#verdicts.size < 500 && key.length <= 100) this.#verdicts.set(key, verdict)
    return verdict
  }

  #judge(key: string): boolean {
    const name = decode(key)
    if (SIGNATURE_KEYS.has(name)) return true
    const extra =
      this.#extra.has(name.toLowerCase()) || httpSettings.redactQuery.some((more) => same(more, name))
    return extra || SECRET_WORD.test(name) || SECRET_WORD.test(name.replace(WORD_BOUNDARY, '$1_$2'))
  }
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

/** `%74oken` is `token` for the server that reads it. */
function decode(key: string): string {
  if (!key.includes('%')) return key
  try {
    return decodeURIComponent(key)
  } catch {
    // Lenient parsers (Node's querystring, qs) decode what is valid beside what is not.
    return key.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
  }
}

function redactUserinfo(url: string): string {
  const scheme = url.indexOf('://')
  if (scheme < 0) return url
  const start = scheme + 3
  const authorityEnd = endOfAuthority(url, start)
  const at = url.lastIndexOf('@', authorityEnd - 1)
  if (at < start) return url
  const colon = url.indexOf(':', start)
  const userinfo = colon >= 0 && colon < at ? `${REDACTED}:${REDACTED}` : REDACTED
  return url.slice(0, start) + userinfo + url.slice(at)
}

function endOfAuthority(url: string, start: number): number {
  for (let i = start; i < url.length; i++) {
    const char = url[i]
    if (char === '/' || char === '?' || char === '#') return i
  }
  return url.length
}

/** The agent's own key for services that it has no rate for. */
const ANY_SERVICE = 'service:,env:'
/** Rates change every few seconds at most; a span that is older than so many changes gets the oldest. */
const MAX_CHANGES = 32

interface Rates {
  readonly sinceUnixMs: number
  readonly byKey: ReadonlyMap<string, number>
}

/** Which part of the new traces of a service the agent wants, and wanted: a root tells the rate that decided when it began. */
export class AgentRates {
  /** Newest first. */
  #changes: Rates[] = []
  #text = ''

  /** Whether the agent has said anything yet. */
  get isKnown(): boolean {
    return this.#changes.length > 0
  }

  /** The body of an answer: `{"rate_by_service":{"service:shop,env:prod":0.2,"service:,env:":1}}`. Anything else changes nothing. */
  update(body: Uint8Array): void {
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')
    if (text === this.#text) return
    this.#text = text
    const byKey = parseRates(text)
    if (byKey === undefined) return
    this.#changes = [{ sinceUnixMs: Date.now(), byKey }, ...this.#changes].slice(0, MAX_CHANGES)
  }

  /** From 0 to 1; `undefined` as long as nothing is known. */
  rate(service: string, env: string, atUnixMs = Number.POSITIVE_INFINITY): number | undefined {
    const rates = this.#changes.find(({ sinceUnixMs }) => sinceUnixMs <= atUnixMs) ?? undefined
    return rates?.byKey.get(`service:${service},env:${env}`) ?? rates?.byKey.get(ANY_SERVICE)
  }

  reset(): void {
    this.#changes = []
    this.#text = ''
  }
}

function parseRates(text: string): Map<string, number> | undefined {
  try {
    const rates: unknown = JSON.parse(text)?.rate_by_service
    if (typeof rates !== 'object' || rates === null) return undefined
    return new Map(
      Object.entries(rates).filter(
        (entry): entry is [string, number] => typeof entry[1] === 'number' && entry[1] >= 0 && entry[1] <= 1,
      ),
    )
  } catch {
    return undefined
  }
}

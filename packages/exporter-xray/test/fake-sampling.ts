import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Document } from './support'

/** X-Ray's two sampling calls, as the daemon's TCP proxy passes them on. */
export class FakeSampling {
  /** Pages of `SamplingRule`s. */
  pages: Document[][] = [[]]
  targets: Document[] = []
  lastRuleModification = 0
  /** Answers this instead, once each. */
  readonly failures: { status: number; body: string }[] = []
  readonly calls: { path: string; body: Document; contentType: string | undefined }[] = []
  readonly #server: Server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const body = JSON.parse(text)
    this.calls.push({ path: request.url!, body, contentType: request.headers['content-type'] })
    const failure = this.failures.shift()
    if (failure !== undefined) return response.writeHead(failure.status).end(failure.body)
    return response.end(JSON.stringify(this.#answer(request.url!, body)))
  })

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  callsTo(path: string): Document[] {
    return this.calls.filter((call) => call.path === path).map(({ body }) => body)
  }

  #answer(path: string, { NextToken }: Document): object {
    if (path === '/SamplingTargets')
      return {
        SamplingTargetDocuments: this.targets,
        LastRuleModification: this.lastRuleModification,
        UnprocessedStatistics: [],
      }
    const page = Number(NextToken ?? 0)
    const more = page + 1 < this.pages.length ? { NextToken: String(page + 1) } : {}
    return { SamplingRuleRecords: this.pages[page]!.map((SamplingRule) => ({ SamplingRule })), ...more }
  }
}

/** As X-Ray answers it; by default it takes everything and samples nothing. */
export function rule(RuleName: string, given: Document = {}): Document {
  const all = {
    Host: '*',
    HTTPMethod: '*',
    URLPath: '*',
    ServiceName: '*',
    ServiceType: '*',
    ResourceARN: '*',
  }
  return {
    RuleName,
    Version: 1,
    Priority: 100,
    FixedRate: 0,
    ReservoirSize: 0,
    Attributes: {},
    ...all,
    ...given,
  }
}

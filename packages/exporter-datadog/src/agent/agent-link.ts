import { HttpClient, repeat } from '@hashira/delivery'
import type { AgentAddress } from './agent-address'
import { type AgentOffer, LEAST_OFFER, type ProtocolVersion, readOffer } from './agent-offer'

export interface AgentLinkOptions {
  readonly address: AgentAddress
  /** The one version to use, whatever the agent offers. */
  readonly version?: ProtocolVersion | undefined
  /** Between two looks while the agent has not answered. Default 5,000. */
  readonly retryMs?: number | undefined
}

/** An agent that is updated says so with its next answer; this is for one that nobody sends to. */
const REFRESH_MS = 10 * 60_000

/** Knows what the agent offers: asks `/info` at the start, until it answers, and again when its state changes. */
export class AgentLink {
  readonly #options: AgentLinkOptions
  readonly #client = new HttpClient()
  #offer: AgentOffer = LEAST_OFFER
  #isKnown = false
  #state: string | undefined
  #stop: (() => void) | undefined

  constructor(options: AgentLinkOptions) {
    this.#options = options
  }

  get offer(): AgentOffer {
    const { version } = this.#options
    return version === undefined ? this.#offer : { ...this.#offer, version }
  }

  get address(): AgentAddress {
    return this.#options.address
  }

  start(): void {
    const { retryMs = 5_000 } = this.#options
    this.#stop ??= repeat(
      () => this.#ask(),
      () => (this.#isKnown ? REFRESH_MS : retryMs),
      'datadog_info',
    )
  }

  /** `Datadog-Agent-State` of any answer: a hash of what `/info` says. */
  sawState(state: string | undefined): void {
    if (state === undefined || state === this.#state) return
    const isFirst = this.#state === undefined
    this.#state = state
    if (!isFirst || !this.#isKnown) void this.#ask().catch(() => {})
  }

  /** It refused a version that it had offered: it was replaced by an older one. */
  refused(version: ProtocolVersion): void {
    if (this.#offer.version === version && version !== '0.4') this.#offer = LEAST_OFFER
    void this.#ask().catch(() => {})
  }

  close(): void {
    this.#stop?.()
    this.#stop = undefined
    this.#offer = LEAST_OFFER
    this.#isKnown = false
    this.#state = undefined
    this.#client.close()
  }

  async #ask(): Promise<void> {
    const { url, socketPath } = this.#options.address
    const answer = await this.#client.request({ url: `${url}/info`, socketPath })
    // An agent from before `/info` (7.27) answers 404: that is an answer as well.
    this.#offer = answer.status === 200 ? readOffer(answer.body) : LEAST_OFFER
    this.#isKnown = answer.status === 200 || answer.status === 404
  }
}

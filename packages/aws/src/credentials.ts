export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
  /** Refreshed 5 minutes before it. Default: they never expire. */
  readonly expiration?: Date | undefined
}

/** As the AWS SDK's `fromEnv()`, `fromTemporaryCredentials()` and the like are. */
export type AwsCredentialsProvider = (options?: { forceRefresh?: boolean }) => Promise<AwsCredentials>

const REFRESH_EARLY_MS = 5 * 60_000

/** Backends that refused credentials as expired, so far; shared by all signers of the process. */
let refusals = 0

/** Whatever is cached is asked for again. */
export function refuseCachedCredentials(): void {
  refusals++
}

/** Credentials of a provider, asked for once per expiration however many requests are signed at once. */
export class CachedCredentials {
  readonly #provider: AwsCredentialsProvider
  #current: AwsCredentials | undefined
  #pending: Promise<AwsCredentials> | undefined
  #refusals = refusals

  constructor(provider: AwsCredentialsProvider) {
    this.#provider = provider
  }

  async get(): Promise<AwsCredentials> {
    if (this.#current !== undefined && this.#isFresh(this.#current)) return this.#current
    this.#pending ??= this.#ask().finally(() => {
      this.#pending = undefined
    })
    return this.#pending
  }

  #isFresh({ expiration }: AwsCredentials): boolean {
    if (this.#refusals !== refusals) return false
    return expiration === undefined || expiration.getTime() - Date.now() > REFRESH_EARLY_MS
  }

  async #ask(): Promise<AwsCredentials> {
    const forceRefresh = this.#refusals !== refusals
    this.#refusals = refusals
    this.#current = await this.#provider({ forceRefresh })
    return this.#current
  }
}

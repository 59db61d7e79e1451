import { shared } from '@hashira/core'
import { DEFAULT_KNOWN_METHODS } from './known-methods'
import { type Trust, TrustPolicy } from './trust'

interface HttpSettings {
  knownMethods: readonly string[]
  redactQuery: readonly string[]
  enabled: boolean
  /** `undefined`: everybody is trusted. */
  trust: TrustPolicy | undefined
}

/** What `start()` sets for the whole process. */
export const httpSettings = shared<HttpSettings>('http.settings', () => ({
  knownMethods: DEFAULT_KNOWN_METHODS,
  redactQuery: [],
  enabled: true,
  trust: undefined,
}))

export interface HttpConfiguration {
  /** Replaces the list of known methods, case-sensitive (`OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS`). */
  readonly knownMethods?: readonly string[] | undefined
  /** More query parameters whose values are never recorded, case-insensitive. */
  readonly redactQuery?: readonly string[] | undefined
  /** `false`: requests leave neither spans nor metrics, their trace context still travels. Default `true`. */
  readonly enabled?: boolean | undefined
  /** Whose trace context is believed where `observe()` does not say (`HASHIRA_TRUST_INCOMING`). Default `always`. */
  readonly trust?: Trust | undefined
}

/** Sets what is the same for every observed server and client of the process; what is left out goes back to its default. */
export function configureHttp(configuration: HttpConfiguration): void {
  httpSettings.knownMethods = configuration.knownMethods ?? DEFAULT_KNOWN_METHODS
  httpSettings.redactQuery = configuration.redactQuery ?? []
  httpSettings.enabled = configuration.enabled ?? true
  httpSettings.trust = configuration.trust === undefined ? undefined : new TrustPolicy(configuration.trust)
}

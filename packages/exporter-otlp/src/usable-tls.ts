import { type OptionOrigin, warnOnce } from '@hashira/core'
import type { OtlpSignal } from './otlp-options'
import { createSecureContext } from './pem-option'

interface Tls {
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
}

/** What the environment names and TLS can't use (a key of another certificate) must not stop the app; code may. */
export function usableTls(
  signal: OtlpSignal,
  { ca, cert, key }: Tls,
  origins: Record<keyof Tls, OptionOrigin>,
): Tls {
  const fromCode = [origins.ca, origins.cert, origins.key].some(({ from }) => from === 'code')
  if (fromCode || (cert === undefined && key === undefined)) return { ca, cert, key }
  try {
    createSecureContext({ ca, cert, key })
    return { ca, cert, key }
  } catch (error) {
    const variables = `OTEL_EXPORTER_OTLP_(${signal.toUpperCase()}_)CLIENT_CERTIFICATE and _CLIENT_KEY`
    warnOnce('HASHIRA_OPTION_INVALID', `${variables}: not usable together (${error}); sending without them`)
    return { ca, cert: undefined, key: undefined }
  }
}

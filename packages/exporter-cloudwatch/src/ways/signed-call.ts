import { awsEndpoint, awsSigner, requiredRegion } from '@hashira/aws'
import { HttpTransport, type HttpTransportOptions } from '@hashira/delivery'
import { appendPath } from '@hashira/exporter-otlp'
import type { CloudWatchSettings } from '../cloudwatch-options'
import { VERSION } from '../version'

export const OWNER = 'cloudwatch()'

export interface SignedCall
  extends Pick<HttpTransportOptions, 'interpretResponse' | 'contentType' | 'compression'> {
  readonly service: 'logs' | 'monitoring'
  /** Behind the base URL. */
  readonly path?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** One call of an AWS API in the region of `settings`, signed. */
export function signedCall(settings: CloudWatchSettings, call: SignedCall): HttpTransport {
  const { endpoint, credentials, timeoutMs } = settings
  const { service, path = '', headers, contentType, compression, interpretResponse } = call
  const region = requiredRegion(OWNER, settings.region)
  return new HttpTransport({
    url: appendPath(endpoint ?? awsEndpoint(service, region), path),
    contentType,
    compression,
    // No secrets, other than `headers` are taken for.
    headersOf: () => headers ?? {},
    userAgent: `hashira-cloudwatch/${VERSION}`,
    timeoutMs,
    sign: awsSigner({ service, region, credentials }),
    interpretResponse,
    interpretEveryStatus: true,
  })
}

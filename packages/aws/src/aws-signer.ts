import { HashiraError, type HttpRequest } from '@hashira/core'
import { awsTime } from './aws-clock'
import { type AwsCredentials, type AwsCredentialsProvider, CachedCredentials } from './credentials'
import { NodeSha256 } from './node-sha256'
import { loadOptional, requireInstalled } from './optional-modules'

export interface AwsSignerOptions {
  /** The name in the signature: `xray`, `logs`, `monitoring`. */
  readonly service: string
  readonly region: string
  /** Default: where the AWS SDK looks: environment, SSO, profile, web identity, container, instance. */
  readonly credentials?: AwsCredentials | AwsCredentialsProvider | undefined
}

/** The headers that sign this very request, for `HttpTransport`'s option `sign`. Rejects when there are no credentials. */
export type AwsSigner = (request: HttpRequest) => Promise<Readonly<Record<string, string>>>

interface SignableRequest {
  readonly method: string
  readonly protocol: string
  readonly hostname: string
  readonly port?: number
  readonly path: string
  readonly query: Record<string, string | string[]>
  readonly headers: Record<string, string>
  readonly body: Uint8Array
}

interface SignatureV4 {
  sign(request: SignableRequest, options: { signingDate: Date }): Promise<{ headers: Record<string, string> }>
}

const OWNER = 'AWS request signing'
/** What proxies on the way leave alone, and what means something to the service. */
const SIGNED = /^(?:content-type|content-encoding|x-amz-.*|x-aws-.*|x-amzn-.*)$/

/**
 * Signs requests with Signature Version 4, by `@smithy/signature-v4`; credentials come from `@aws-sdk/credential-provider-node`
 * unless given. Both are the app's to install, and are loaded with the first request.
 *
 * @throws HashiraError HASHIRA_DEPENDENCY_MISSING when one of them is not installed, HASHIRA_OPTION_INVALID for credentials that are none
 */
export function awsSigner({ service, region, credentials }: AwsSignerOptions): AwsSigner {
  checkCredentials(credentials)
  requireInstalled(
    credentials === undefined
      ? ['@smithy/signature-v4', '@aws-sdk/credential-provider-node']
      : ['@smithy/signature-v4'],
    OWNER,
  )
  let signature: SignatureV4 | undefined
  return async (request) => {
    signature ??= createSignature(service, region, credentials)
    const signed = await signature.sign(signable(request), { signingDate: awsTime() })
    return added(signed.headers, request.headers)
  }
}

function createSignature(
  service: string,
  region: string,
  credentials: AwsSignerOptions['credentials'],
): SignatureV4 {
  const { SignatureV4 } = loadOptional('@smithy/signature-v4', OWNER) as {
    SignatureV4: new (options: object) => SignatureV4
  }
  const cached = new CachedCredentials(providerOf(credentials))
  return new SignatureV4({
    service,
    region,
    credentials: () => cached.get(),
    sha256: NodeSha256,
    // Only S3 wants the body's hash in a header; the signature covers it anyway.
    applyChecksum: false,
  })
}

function providerOf(credentials: AwsSignerOptions['credentials']): AwsCredentialsProvider {
  if (typeof credentials === 'function') return credentials
  if (credentials !== undefined) return async () => credentials
  const { defaultProvider } = loadOptional('@aws-sdk/credential-provider-node', OWNER) as {
    defaultProvider: () => AwsCredentialsProvider
  }
  return defaultProvider()
}

function signable({ url: text, method, headers, body }: HttpRequest): SignableRequest {
  const url = new URL(text)
  const kept = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => SIGNED.test(name))
  return {
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port === '' ? undefined : { port: Number(url.port) }),
    path: url.pathname,
    query: queryOf(url),
    headers: { ...Object.fromEntries(kept), host: url.host },
    body,
  }
}

function queryOf({ searchParams }: URL): Record<string, string | string[]> {
  const keys = [...new Set(searchParams.keys())]
  return Object.fromEntries(
    keys.map((key) => {
      const values = searchParams.getAll(key)
      return [key, values.length === 1 ? values[0]! : values]
    }),
  )
}

/** `authorization`, `x-amz-date`, `x-amz-security-token`: what the request does not have yet. Node sets `host` itself. */
function added(
  signed: Readonly<Record<string, string>>,
  before: Readonly<Record<string, string>>,
): Record<string, string> {
  const had = new Set(['host', ...Object.keys(before).map((name) => name.toLowerCase())])
  return Object.fromEntries(Object.entries(signed).filter(([name]) => !had.has(name.toLowerCase())))
}

function checkCredentials(credentials: unknown): void {
  if (credentials === undefined || typeof credentials === 'function') return
  const { accessKeyId, secretAccessKey } = (credentials ?? {}) as Record<string, unknown>
  if (typeof accessKeyId === 'string' && typeof secretAccessKey === 'string') return
  throw new HashiraError(
    'HASHIRA_OPTION_INVALID',
    'option "credentials" is neither a function nor an object with accessKeyId and secretAccessKey',
  )
}

import { type OptionSpec, warnOnce } from '@hashira/core'

const PATH = '/sampling'
const HTTP_PORT = '5778'
/** Jaeger v1's collector, Jaeger v2's remote sampling and OTLP: what other SDKs, which ask over gRPC, are given. */
const GRPC_PORTS = ['14250', '5779', '4317']

/** Where sampling strategies are asked for: the whole URL but for `?service=`. */
export function endpointOption(variable: string): OptionSpec<string> {
  const accept = (value: unknown) => (typeof value === 'string' ? samplingUrl(value) : undefined)
  return {
    env: [variable],
    default: `http://localhost:${HTTP_PORT}${PATH}`,
    allowed: 'an http or https URL, or host:port',
    accept,
    parse: accept,
  }
}

/**
 * `http://host:5778`, `host:5778`, `host` and `http://host:5778/sampling` are the same. An endpoint that looks like gRPC
 * (`grpc://`, `dns:///`, port 14250, 5779 or 4317) becomes port 5778 of the same host, with one warning. `undefined` for what is none.
 */
export function samplingUrl(text: string): string | undefined {
  const [, scheme = '', rest = ''] = /^(?:([a-z][a-z0-9+.-]*):\/\/\/?)?(.*)$/i.exec(
    text.trim(),
  ) as RegExpExecArray
  const isHttp = scheme === '' || /^https?$/i.test(scheme)
  const isGrpc = /^(grpcs?|dns|passthrough)$/i.test(scheme)
  if ((!isHttp && !isGrpc) || rest === '' || /[\s?#]/.test(rest)) return undefined
  const whole = `${isHttp && scheme !== '' ? scheme : 'http'}://${rest}`
  if (!URL.canParse(whole)) return undefined
  const url = new URL(whole)
  if (isGrpc || GRPC_PORTS.includes(url.port)) useHttpPort(url)
  else if (scheme === '' && !/:\d+(\/|$)/.test(rest)) url.port = HTTP_PORT
  if (url.pathname === '/') url.pathname = PATH
  return url.href
}

function useHttpPort(url: URL): void {
  const given = url.host
  url.protocol = 'http:'
  url.port = HTTP_PORT
  warnOnce(
    'HASHIRA_OPTION_INVALID',
    `Jaeger sampling endpoint ${given} looks like gRPC, which Hashira does not speak; asking http://${url.host}${PATH}`,
  )
}

import { type OptionSpec, warnOnce } from '@hashira/core'

export type OtlpProtocol = 'http/protobuf' | 'http/json'

/** Said once, whatever shows that somebody expects gRPC. */
export const GRPC_WARNING = 'otlp grpc'

const PROTOCOLS: readonly OtlpProtocol[] = ['http/protobuf', 'http/json']

/** `grpc` in the environment is a warning of its own: it is a right value that Hashira does not speak. */
export function protocolOption(env: readonly string[]): OptionSpec<OtlpProtocol> {
  const named = (value: unknown) => PROTOCOLS.find((protocol) => protocol === value)
  return {
    env,
    default: 'http/protobuf',
    allowed: `one of ${PROTOCOLS.join(', ')}`,
    accept: named,
    parse(text) {
      const protocol = text.toLowerCase()
      if (protocol !== 'grpc') return named(protocol)
      warnOnce(
        'HASHIRA_OPTION_INVALID',
        `${env.join(' or ')} asks for grpc, which Hashira does not speak; using http/protobuf: set it to that, and the endpoint to the collector's HTTP port, usually 4318`,
        GRPC_WARNING,
      )
      return 'http/protobuf'
    },
  }
}

import type { OptionSpec } from '@hashira/core'

/** Where the CloudWatch agent takes documents. */
export interface AgentEndpoint {
  readonly protocol: 'tcp' | 'udp'
  readonly host: string
  readonly port: number
}

export const AGENT_PORT = 25_888

const DEFAULT_ENDPOINT: AgentEndpoint = { protocol: 'tcp', host: '127.0.0.1', port: AGENT_PORT }

/** `tcp://127.0.0.1:25888` or `udp://…`; FireLens' `FLUENT_HOST` names only a host. */
export function agentEndpointOption(): OptionSpec<AgentEndpoint> {
  const parse = (text: unknown) => (typeof text === 'string' ? parseAgentEndpoint(text) : undefined)
  return {
    env: ['AWS_EMF_AGENT_ENDPOINT'],
    default: DEFAULT_ENDPOINT,
    allowed: 'an address such as tcp://127.0.0.1:25888 or udp://127.0.0.1:25888',
    accept: parse,
    parse,
  }
}

export function parseAgentEndpoint(text: string): AgentEndpoint | undefined {
  const [, protocol, bracketed, plain, digits] =
    /^(tcp|udp):\/\/(?:\[([0-9a-f:.%]+)\]|([^\s:/@[\]]+))(?::(\d{1,5}))?\/?$/i.exec(text) ?? []
  const host = bracketed ?? plain
  const port = digits === undefined ? AGENT_PORT : Number(digits)
  if (host === undefined || port < 1 || port > 65_535) return undefined
  return { protocol: protocol!.toLowerCase() as 'tcp' | 'udp', host, port }
}

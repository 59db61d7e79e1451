import { existsSync } from 'node:fs'

/** Where the agent listens: over TCP, or over a unix socket with a URL whose host nobody asks. */
export interface AgentAddress {
  /** `http://host:port`, without a slash at its end. */
  readonly url: string
  readonly socketPath?: string | undefined
}

export interface AgentAddressOptions {
  readonly agentUrl?: string | undefined
  readonly agentHost?: string | undefined
  readonly agentPort?: number | undefined
}

const DEFAULT_SOCKET = '/var/run/datadog/apm.socket'

/** The URL, then host and port, then the agent's usual unix socket where it exists, then `127.0.0.1:8126`; as in dd-trace. */
export function agentAddress(
  { agentUrl, agentHost, agentPort }: AgentAddressOptions,
  usualSocket: string = DEFAULT_SOCKET,
): AgentAddress {
  const given = agentUrl === undefined ? undefined : parseAgentUrl(agentUrl)
  if (given !== undefined) return given
  if (agentHost === undefined && agentPort === undefined && existsSync(usualSocket))
    return { url: 'http://localhost', socketPath: usualSocket }
  const host = agentHost ?? '127.0.0.1'
  const inUrl = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  return { url: `http://${inUrl}:${agentPort ?? 8126}` }
}

/** `http://host:port`, `https://…` or `unix:///path`; `undefined` for anything else. */
export function parseAgentUrl(text: string): AgentAddress | undefined {
  const path = /^unix:(?:\/\/)?(\/[^/].*)$/.exec(text)?.[1]
  if (path !== undefined) return { url: 'http://localhost', socketPath: path }
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) return undefined
  return { url: text.replace(/\/+$/, '') }
}

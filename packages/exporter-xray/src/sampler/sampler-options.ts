import { integerOption, resolveOptions, urlOption, warnOnce } from '@hashira/core'
import { daemonAddressOption, type HostAndPort } from '../daemon-address'

export interface XraySamplerOptions {
  /** Who passes sampling calls on to X-Ray. Default: the TCP address of `AWS_XRAY_DAEMON_ADDRESS`, else `http://127.0.0.1:2000`. */
  endpoint?: string | undefined
  /** How often the rules are asked for. Default 300. */
  pollingIntervalSeconds?: number | undefined
}

export interface XraySamplerSettings {
  readonly endpoint: string
  readonly pollingIntervalMs: number
}

const OWNER = 'xraySampler()'
const VARIABLE = 'OTEL_TRACES_SAMPLER_ARG'
const ENDPOINT = `${VARIABLE}: endpoint`
const INTERVAL = `${VARIABLE}: polling_interval`
const table = {
  endpoint: urlOption(ENDPOINT, undefined),
  pollingIntervalSeconds: integerOption(INTERVAL, 300, 1, 86_400),
  daemonAddress: daemonAddressOption(),
} as const

/**
 * A text is `OTEL_TRACES_SAMPLER_ARG`, `endpoint=http://localhost:2000,polling_interval=300`: what is wrong in it is a warning and
 * the default. Options in code throw `HASHIRA_OPTION_INVALID` and `HASHIRA_OPTION_UNKNOWN`.
 */
export function samplerSettings(given: string | XraySamplerOptions | undefined): XraySamplerSettings {
  const argument = typeof given === 'string' ? readArgument(given) : {}
  const options = typeof given === 'string' ? undefined : given
  const env = { ...argument, AWS_XRAY_DAEMON_ADDRESS: process.env['AWS_XRAY_DAEMON_ADDRESS'] }
  const { values } = resolveOptions(OWNER, table, options, env)
  return {
    endpoint: values.endpoint ?? urlOf(values.daemonAddress.tcp),
    pollingIntervalMs: values.pollingIntervalSeconds * 1_000,
  }
}

function readArgument(text: string): Record<string, string> {
  const values: Record<string, string> = {}
  for (const pair of text.split(',')) {
    const at = pair.indexOf('=')
    const variable = `${VARIABLE}: ${pair.slice(0, Math.max(at, 0)).trim().toLowerCase()}`
    if (variable === ENDPOINT || variable === INTERVAL) values[variable] = pair.slice(at + 1)
    else if (pair.trim() !== '')
      warnOnce(
        'HASHIRA_OPTION_INVALID',
        `${VARIABLE}: only endpoint=URL and polling_interval=SECONDS are known here`,
      )
  }
  return values
}

function urlOf({ host, port }: HostAndPort): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

import { type Environment, integerOption, numberOption, resolveOptions, warnOnce } from '@hashira/core'
import { endpointOption } from './sampling-endpoint'

const VARIABLE = 'OTEL_TRACES_SAMPLER_ARG'

export interface JaegerSamplerOptions {
  /** Of Jaeger's remote sampling over HTTP: a URL or `host:port`. Default `http://localhost:5778`. */
  readonly endpoint?: string | undefined
  /** How often strategies are asked for. Default 60,000. */
  readonly pollingIntervalMs?: number | undefined
  /** The share of traces, 0 to 1, that is sampled until Jaeger has answered for the first time. Default 0.001. */
  readonly initialSamplingRate?: number | undefined
}

// The defaults are those of the samplers of OpenTelemetry Java and Go.
const table = {
  endpoint: endpointOption(`${VARIABLE} endpoint`),
  pollingIntervalMs: integerOption(`${VARIABLE} pollingIntervalMs`, 60_000, 1),
  initialSamplingRate: numberOption(`${VARIABLE} initialSamplingRate`, 0.001, 0, 1),
}

/**
 * `endpoint=http://localhost:5778,pollingIntervalMs=5000,initialSamplingRate=0.25` (OpenTelemetry specification), or an object.
 * A bad part of the text is one warning and that part's default; a bad option of the object throws.
 *
 * @throws HashiraError HASHIRA_OPTION_INVALID, HASHIRA_OPTION_UNKNOWN
 */
export function samplerOptions(argument: string | JaegerSamplerOptions | undefined) {
  const isText = typeof argument === 'string'
  const env = isText ? pairsOf(argument) : {}
  return resolveOptions('jaegerSampler()', table, isText ? undefined : argument, env).values
}

function pairsOf(text: string): Environment {
  const pairs: Record<string, string> = {}
  for (const part of text.split(',')) {
    if (part.trim() === '') continue
    const at = part.indexOf('=')
    const name = part.slice(0, Math.max(at, 0)).trim()
    if (Object.hasOwn(table, name)) pairs[`${VARIABLE} ${name}`] = part.slice(at + 1)
    else {
      const allowed = Object.keys(table)
        .map((key) => `${key}=…`)
        .join(',')
      warnOnce(
        'HASHIRA_OPTION_INVALID',
        `${VARIABLE}: a part is not known, allowed is ${allowed}; it is left out`,
      )
    }
  }
  return pairs
}

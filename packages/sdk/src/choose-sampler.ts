import { HashiraError, isHashiraError, type OptionOrigin, warnOnce } from '@hashira/core'
import { parentBasedSampler, parseSampler, type Sampler } from '@hashira/tracing'
import type { ChosenExporters } from './choose-exporters'
import { findExporterSampler } from './find-exporter'
import { ALLOWED_SAMPLERS, type Settings } from './settings'

type Origins = { readonly [K in 'sampler' | 'samplerArg']: OptionOrigin }

const DEFAULT_SAMPLER = 'parentbased_always_on'

/**
 * The sampler that options or environment name; without one the sampler that an exporter of traces brings along, and at last
 * `parentbased_always_on`.
 *
 * @throws HashiraError HASHIRA_OPTION_INVALID for a name or argument from code that means nothing
 */
export function chooseSampler(settings: Settings, origins: Origins, { traces }: ChosenExporters): Sampler {
  const { sampler, samplerArg } = settings
  if (sampler !== undefined && typeof sampler !== 'string') return sampler
  const argument = samplerArg === undefined ? undefined : String(samplerArg)
  if (sampler === undefined) {
    const brought = traces.find((exporter) => exporter.sampler !== undefined)?.sampler
    return brought ?? named(DEFAULT_SAMPLER, argument, origins)
  }
  return named(sampler, argument, origins)
}

function named(name: string, argument: string | undefined, origins: Origins): Sampler {
  const known = parseSampler(name, argument)
  if (known !== undefined) return known
  const withoutArgument = parseSampler(name)
  if (withoutArgument !== undefined) {
    complain(
      origins.samplerArg,
      'samplerArg',
      'OTEL_TRACES_SAMPLER_ARG',
      `"${argument}" is not what ${name} takes: a ratio from 0 to 1, traces a second, or rules as JSON`,
    )
    return withoutArgument
  }
  try {
    return fromExporter(name, argument)
  } catch (cause) {
    complain(
      origins.sampler,
      'sampler',
      'OTEL_TRACES_SAMPLER',
      `"${name}" is not ${ALLOWED_SAMPLERS}${because(cause)}`,
    )
    return parseSampler(DEFAULT_SAMPLER)!
  }
}

/** `parentbased_jaeger_remote`: what `@hashira/exporter-jaeger` brings, for new traces only. */
function fromExporter(name: string, argument: string | undefined): Sampler {
  const [, parentBased, exporter] = /^(parentbased_)?(.+?)(?:_remote)?$/.exec(name) as RegExpExecArray
  const sampler = findExporterSampler(exporter!, argument)
  return parentBased === undefined ? sampler : parentBasedSampler(sampler)
}

/** That no exporter has the name is no news. */
function because(cause: unknown): string {
  if (!isHashiraError(cause)) return `: ${String(cause)}`
  return cause.code === 'HASHIRA_EXPORTER_NOT_FOUND'
    ? ''
    : `: ${cause.message.replace(` [${cause.code}]`, '')}`
}

function complain(origin: OptionOrigin, option: string, variable: string, text: string): void {
  if (origin.from === 'code')
    throw new HashiraError('HASHIRA_OPTION_INVALID', `start(): option "${option}": ${text}`)
  warnOnce('HASHIRA_OPTION_INVALID', `${variable}: ${text}; using the default`)
}

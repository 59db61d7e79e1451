import type { Sampler } from '@hashira/core'
import { alwaysOffSampler, alwaysOnSampler } from './always-samplers'
import { parentBasedSampler } from './parent-based-sampler'
import { traceIdRatioSampler } from './trace-id-ratio-sampler'

/**
 * The sampler that `OTEL_TRACES_SAMPLER` (`name`, in any case) and `OTEL_TRACES_SAMPLER_ARG` (`argument`) mean: `always_on`,
 * `always_off`, `traceidratio`, or one of them after `parentbased_`. The ratio is 0 to 1, default 1.
 * `undefined` when the name is not known or the ratio is none; by the specification a bad argument is then ignored,
 * `parseSampler(name)`.
 */
export function parseSampler(name: string, argument?: string | undefined): Sampler | undefined {
  switch (name.trim().toLowerCase()) {
    case 'always_on':
      return alwaysOnSampler
    case 'always_off':
      return alwaysOffSampler
    case 'traceidratio':
      return ratioSampler(argument)
    case 'parentbased_always_on':
      return parentBasedSampler(alwaysOnSampler)
    case 'parentbased_always_off':
      return parentBasedSampler(alwaysOffSampler)
    case 'parentbased_traceidratio': {
      const root = ratioSampler(argument)
      return root === undefined ? undefined : parentBasedSampler(root)
    }
    default:
      return undefined
  }
}

function ratioSampler(argument: string | undefined): Sampler | undefined {
  const text = argument?.trim() ?? ''
  const ratio = text === '' ? 1 : Number(text)
  return ratio >= 0 && ratio <= 1 ? traceIdRatioSampler(ratio) : undefined
}

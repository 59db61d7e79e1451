import { isHashiraError, type Sampler } from '@hashira/core'
import { alwaysOffSampler, alwaysOnSampler } from './always-samplers'
import { parentBasedSampler } from './parent-based-sampler'
import { rateLimitedSampler } from './rate-limited-sampler'
import { rulesSampler } from './rules-sampler'
import type { SamplingRule } from './sampling-rule'
import { traceIdRatioSampler } from './trace-id-ratio-sampler'

const PARENT_BASED = 'parentbased_'

/** By name; `undefined` from one of them is an argument that it does not take. */
const SAMPLERS: Readonly<Record<string, (argument: string) => Sampler | undefined>> = {
  always_on: () => alwaysOnSampler,
  always_off: () => alwaysOffSampler,
  traceidratio: ratioSampler,
  rate_limited: rateSampler,
  rules: parsedRules,
}

/** What {@link parseSampler} knows. */
export const SAMPLER_NAMES: readonly string[] = Object.keys(SAMPLERS).flatMap((name) => [
  name,
  PARENT_BASED + name,
])

/**
 * The sampler that `OTEL_TRACES_SAMPLER` (`name`, in any case) and `OTEL_TRACES_SAMPLER_ARG` (`argument`) mean: `always_on`,
 * `always_off`, `traceidratio` (0 to 1, default 1), `rate_limited` (traces a second, default 100), `rules` (a JSON list of
 * {@link SamplingRule}), or one of them after `parentbased_`.
 * `undefined` when the name is not known or the argument is none; by the specification a bad argument is then ignored,
 * `parseSampler(name)`.
 */
export function parseSampler(name: string, argument?: string | undefined): Sampler | undefined {
  const known = name.trim().toLowerCase()
  const isParentBased = known.startsWith(PARENT_BASED)
  const own = isParentBased ? known.slice(PARENT_BASED.length) : known
  const root = Object.hasOwn(SAMPLERS, own) ? SAMPLERS[own]!(argument?.trim() ?? '') : undefined
  return root !== undefined && isParentBased ? parentBasedSampler(root) : root
}

function ratioSampler(argument: string): Sampler | undefined {
  const ratio = argument === '' ? 1 : Number(argument)
  return ratio >= 0 && ratio <= 1 ? traceIdRatioSampler(ratio) : undefined
}

function rateSampler(argument: string): Sampler | undefined {
  const rate = argument === '' ? 100 : Number(argument)
  return rate >= 0 && rate < Number.POSITIVE_INFINITY ? rateLimitedSampler(rate) : undefined
}

function parsedRules(argument: string): Sampler | undefined {
  try {
    return rulesSampler(argument === '' ? [] : (JSON.parse(argument) as SamplingRule[]))
  } catch (error) {
    if (error instanceof SyntaxError || isHashiraError(error)) return undefined
    throw error
  }
}

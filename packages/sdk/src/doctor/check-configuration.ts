import { describe, type Environment, type OptionOrigin } from '@hashira/core'
import { type Settings, settingsTable } from '../settings'
import { type Finding, ok, warning } from './finding'

type Origins = { readonly [K in keyof typeof settingsTable]: OptionOrigin }

/** Values that differ from the defaults, and where each comes from; then variables that nobody reads. */
export function checkConfiguration(
  settings: Settings,
  origins: Origins,
  serviceNameFrom: string,
  service: string,
  env: Environment,
): Finding[] {
  return [
    ok(`service.name = ${service} (${serviceNameFrom})`),
    ...given(settings, origins),
    ...(settings.disabled ? [warning('OTEL_SDK_DISABLED=true: nothing is recorded')] : []),
    ...unread(env),
  ]
}

function given(settings: Settings, origins: Origins): Finding[] {
  return (Object.keys(settingsTable) as (keyof Settings)[]).flatMap((name) => {
    const origin = origins[name]
    if (origin.from !== 'env') return []
    const shown =
      (settingsTable[name] as { secret?: boolean }).secret === true ? '…' : shownValue(settings[name])
    return [ok(`${name} = ${shown} (${origin.variable})`)]
  })
}

function shownValue(value: unknown): string {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
    ? value.join(', ')
    : describe(value)
}

const KNOWN_PREFIX = /^(HASHIRA_|OTEL_(TRACES|METRICS|LOGS)_EXPORTER$)/
/** Read elsewhere than in the table of `start()`. */
const READ_ELSEWHERE = /^HASHIRA_(PARENT_PID|PROMETHEUS_|JAEGER_|KUBERNETES_API|TEST_)/

/** A misspelt variable of ours does nothing, silently. */
function unread(env: Environment): Finding[] {
  const read = new Set(Object.values(settingsTable).flatMap((spec) => spec.env))
  return Object.keys(env)
    .filter((name) => KNOWN_PREFIX.test(name) && !READ_ELSEWHERE.test(name) && !read.has(name))
    .map((name) =>
      warning(
        `${name} is set, and read by nothing of hashira itself`,
        'an exporter may read it; otherwise check its spelling',
      ),
    )
}

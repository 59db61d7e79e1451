import { type InstrumentationScope, warnOnce } from '@hashira/core'
import type { InstrumentDescription } from '../views/stream'

type Identity = Pick<InstrumentDescription, 'name' | 'type' | 'unit' | 'description'>

/**
 * Says, once a meter and name, how `created` differs from the instruments of the same name, if it does (OpenTelemetry metrics
 * SDK, "Duplicate instrument registration" and "Name conflict").
 */
export function warnConflict(
  { name: meter }: InstrumentationScope,
  [first, ...others]: readonly Identity[],
  created: Identity,
): void {
  if (first === undefined) return
  const same = [first, ...others].find(({ type, unit }) => type === created.type && unit === created.unit)
  const say = (text: string) =>
    warnOnce('HASHIRA_METRIC_CONFLICT', `meter ${meter}: ${text}`, JSON.stringify([meter, first.name, text]))
  if (first.name !== created.name)
    say(`instruments ${first.name} and ${created.name} differ in case only; both count as ${first.name}`)
  if (same === undefined)
    say(
      `instrument ${first.name} exists as ${kindOf(first)} and is created again as ${kindOf(created)}; both are sent. Rename one, or give it another name by a view`,
    )
  else if (same.description !== created.description && created.description !== '' && same.description !== '')
    say(`instrument ${first.name} has two descriptions; the longer one is shown`)
}

function kindOf({ type, unit }: Identity): string {
  return `${type.toLowerCase()} in ${unit === '' ? 'no unit' : `"${unit}"`}`
}

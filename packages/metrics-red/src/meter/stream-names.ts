import { warnOnce } from '@hashira/core'
import type { AnyCore } from './instrument-core'

/** The names of all metrics, to find those that a view gave a name which another one has (OpenTelemetry metrics SDK, "View"). */
export class StreamNames {
  readonly #owners = new Map<string, AnyCore>()

  /** Says, once a meter and name, when one of the instrument's metrics has another instrument's name. */
  add(core: AnyCore): void {
    for (const { name, settings } of core.streams) {
      const key = JSON.stringify([settings.scope, name.toLowerCase()])
      const owner = this.#owners.get(key) ?? core
      this.#owners.set(key, owner)
      // Instruments that had one name from the start are told of when they are created.
      if (owner === core || owner.instrument.name === core.instrument.name) continue
      warnOnce(
        'HASHIRA_METRIC_CONFLICT',
        `meter ${settings.scope?.name}: by a view ${owner.instrument.name} and ${core.instrument.name} are both named ${name}; both are sent. Choose another name`,
        key,
      )
    }
  }
}

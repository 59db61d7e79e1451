import { faultCounts, shared } from '@hashira/core'
import { ObservedMetric } from './observed-metric'

/** `hashira.faults` by `reason`: what Hashira caught instead of throwing it into the app. Once per process. */
export function faultMetric(): ObservedMetric {
  return shared(
    'metrics-red.faults',
    () =>
      new ObservedMetric({
        name: 'hashira.faults',
        description: 'Faults that Hashira caught instead of throwing them into the app, by reason.',
        unit: '{fault}',
        type: 'counter',
        observe: () =>
          [...faultCounts()].map(([reason, value]) => ({ value, attributes: ['reason', reason] })),
      }),
  )
}

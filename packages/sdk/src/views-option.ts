import { codeOption, type OptionSpec } from '@hashira/core'
import type { MetricView } from '@hashira/metrics-red'

/** What a view may hold is checked by `configureMetrics`, which names the view and the field. */
export function viewsOption(): OptionSpec<readonly MetricView[] | undefined> {
  return codeOption<readonly MetricView[], undefined>(undefined, 'a list of views', (value) =>
    Array.isArray(value) ? (value as readonly MetricView[]) : undefined,
  )
}

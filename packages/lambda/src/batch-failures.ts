import { fieldsOf } from './fields'

/** How many records a handler gives back to its queue or stream (`ReportBatchItemFailures`). */
export function failedItemsOf(result: unknown): number {
  const failures = fieldsOf(result)?.['batchItemFailures']
  return Array.isArray(failures) ? failures.length : 0
}

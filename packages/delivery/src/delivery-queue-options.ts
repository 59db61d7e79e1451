import type { BatchLimits, Signal, Transport } from '@hashira/core'
import type { DeliveryState } from './account'
import type { RetryOptions } from './retry-schedule'
import type { SpoolOptions } from './spool'

export interface DeliveryQueueOptions {
  readonly exporter: string
  readonly signal: Signal
  readonly transport: Transport
  /** Complete: {@link batchLimits} fills in the defaults. */
  readonly limits: BatchLimits
  readonly retry?: Partial<RetryOptions> | undefined
  readonly spool?: SpoolOptions | undefined
  readonly onStateChange?: ((state: DeliveryState, detail: string) => void) | undefined
  /** Items that are ended but not in a closed batch yet. */
  readonly openItems: () => number
}

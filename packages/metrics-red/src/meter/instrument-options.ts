import { countFault, describe, warnOnce } from '@hashira/core'
import { ValueType } from '@opentelemetry/api'
import { isAscending } from '../views/check-views'

/** What an instrument is created with, in any state that it came in. */
export interface InstrumentOptions {
  readonly description: string
  readonly unit: string
  readonly isInteger: boolean
  readonly bounds: readonly number[]
}

/** OpenTelemetry's default for explicit buckets. */
const DEFAULT_BOUNDS: readonly number[] = [
  0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000,
]

/** Never throws: what is not of its type counts as not given. Advice that is none is a warning. */
export function readOptions(name: string, options: unknown): InstrumentOptions {
  const given = propertiesOf(options)
  const advised = propertiesOf(given['advice'])['explicitBucketBoundaries']
  return {
    description: textOf(given['description']),
    unit: textOf(given['unit']),
    isInteger: given['valueType'] === ValueType.INT,
    bounds: advised === undefined ? DEFAULT_BOUNDS : boundsOf(name, advised),
  }
}

function boundsOf(name: string, advised: unknown): readonly number[] {
  // +Inf is every histogram's last bound anyway.
  const bounds = Array.isArray(advised) && advised.at(-1) === Infinity ? advised.slice(0, -1) : advised
  if (isAscending(bounds)) return [...bounds]
  warnOnce(
    'HASHIRA_INSTRUMENT_INVALID',
    `${name}: the advised bucket boundaries are ${describe(advised)}, allowed are ascending finite numbers; the default ones are used`,
    `advice ${name}`,
  )
  return DEFAULT_BOUNDS
}

function propertiesOf(value: unknown): Record<string, unknown> {
  try {
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    countFault('instrument_options')
    return {}
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

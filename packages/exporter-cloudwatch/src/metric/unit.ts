import type { MetricFamily } from '@hashira/core'

/** What CloudWatch calls a unit (MetricDatum of its API reference). */
export type Unit =
  | 'Seconds'
  | 'Microseconds'
  | 'Milliseconds'
  | 'Bytes'
  | 'Kilobytes'
  | 'Megabytes'
  | 'Gigabytes'
  | 'Terabytes'
  | 'Bits'
  | 'Kilobits'
  | 'Megabits'
  | 'Gigabits'
  | 'Terabits'
  | 'Percent'
  | 'Count'
  | 'None'
  | 'Bytes/Second'
  | 'Kilobytes/Second'
  | 'Megabytes/Second'
  | 'Gigabytes/Second'
  | 'Terabytes/Second'
  | 'Bits/Second'
  | 'Kilobits/Second'
  | 'Megabits/Second'
  | 'Gigabits/Second'
  | 'Terabits/Second'
  | 'Count/Second'

// UCUM, and the words that people write instead. CloudWatch has no minutes, hours, nanoseconds or binary multiples.
const UNITS: Readonly<Record<string, Unit>> = {
  s: 'Seconds',
  ms: 'Milliseconds',
  us: 'Microseconds',
  By: 'Bytes',
  kBy: 'Kilobytes',
  MBy: 'Megabytes',
  GBy: 'Gigabytes',
  TBy: 'Terabytes',
  bit: 'Bits',
  kbit: 'Kilobits',
  Mbit: 'Megabits',
  Gbit: 'Gigabits',
  Tbit: 'Terabits',
  'By/s': 'Bytes/Second',
  'kBy/s': 'Kilobytes/Second',
  'MBy/s': 'Megabytes/Second',
  'GBy/s': 'Gigabytes/Second',
  'TBy/s': 'Terabytes/Second',
  'bit/s': 'Bits/Second',
  'kbit/s': 'Kilobits/Second',
  'Mbit/s': 'Megabits/Second',
  'Gbit/s': 'Gigabits/Second',
  'Tbit/s': 'Terabits/Second',
  '1/s': 'Count/Second',
  '%': 'Percent',
  seconds: 'Seconds',
  milliseconds: 'Milliseconds',
  microseconds: 'Microseconds',
  bytes: 'Bytes',
  percent: 'Percent',
}

/** The unit that a finished Prometheus name ends with. */
const SUFFIX = /_(seconds|milliseconds|microseconds|bytes|percent)(?:_total)?$/

/** CloudWatch's unit of a family; counters and annotations (`{request}`) are a `Count`, what it does not know is `None`. */
export function unitOf({ name, naming, unit, type }: MetricFamily): Unit {
  if (Object.hasOwn(UNITS, unit)) return UNITS[unit] as Unit
  if (/^\{[^}]*\}$/.test(unit)) return 'Count'
  if (/^\{[^}]*\}\/s$/.test(unit)) return 'Count/Second'
  if (unit === '' && naming === 'prometheus') {
    const [, suffix] = SUFFIX.exec(name) ?? []
    if (suffix !== undefined) return UNITS[suffix] as Unit
  }
  const counts = (type === 'counter' || type === 'updowncounter') && (unit === '' || unit === '1')
  return counts ? 'Count' : 'None'
}

import { median, range } from '../lib/statistics.mjs'
import { fixed, table } from '../lib/table.mjs'

const head = [
  'variant',
  'µs/request',
  'min-max',
  'added',
  'of otel-default',
  'of dd-trace',
  'spans/request',
  'RSS MB',
  'start ms',
  'start CPU ms',
]

/** One framework's results as a table, with the reasons below it why a number is not compared. */
export function report(results) {
  const sound = (name) => results.find((result) => result.name === name && result.faults.length === 0)
  const added = (result) => result && sound('pino') && addedOver(sound('pino'), result)
  const rivals = [added(sound('otel-default')), added(sound('dd-trace'))]
  const rows = results.map((result) => {
    const mine =
      result.faults.length === 0 && result.name !== 'bare' && result.name !== 'pino'
        ? added(result)
        : undefined
    const { min, max } = range(result.rounds)
    return [
      result.name + (result.faults.length ? ' (!)' : ''),
      fixed(median(result.rounds)),
      `${fixed(min)}-${fixed(max)}`,
      fixed(mine),
      ...rivals.map((rival) => (rival > 0 ? fixed(mine / rival, 2) : '-')),
      fixed(result.exported.spans / result.requests, 2),
      fixed(result.rssMb, 0),
      fixed(result.startMs, 0),
      fixed(result.startCpuMs, 0),
    ]
  })
  const notes = results.flatMap(({ name, faults }) =>
    faults.map((fault) => `(!) ${name} is not compared: ${fault}`),
  )
  return [table([head, ...rows]), ...notes].join('\n')
}

/** Median over the rounds of what a variant cost more than `base` in the same round: drift of the machine cancels out. */
export function addedOver(base, result) {
  return median(result.rounds.map((value, round) => value - base.rounds[round]))
}

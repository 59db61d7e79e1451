import type { FlatAttributes, MetricSource, NumberFamily, NumberPoint } from '@hashira/core'
import type { ExporterAccount } from './account'
import type { AccountReader } from './delivery-accounts'

const startTimeUnixMs = Date.now()

/** The account of every exporter as metrics: `hashira.exporter.*`, and OpenTelemetry's own names for spans. */
export function deliveryMetricSource(readers: () => AccountReader[]): MetricSource {
  return {
    name: 'hashira.delivery',
    collect: () => {
      const all = readers()
      const accounts = all.map((reader) => reader.read())
      return { families: [...accountFamilies(accounts), ...spanFamilies(all)] }
    },
  }
}

function accountFamilies(accounts: readonly ExporterAccount[]): NumberFamily[] {
  const each = (value: (account: ExporterAccount) => number) =>
    accounts.map((account) => point(labels(account), value(account)))
  const dropped = accounts.flatMap((account) =>
    Object.entries(account.dropped).map(([reason, items]) =>
      point([...labels(account), 'reason', reason], items),
    ),
  )
  const lastSuccess = accounts.flatMap(({ lastSuccessUnixMs: atMs, ...account }) =>
    atMs === undefined ? [] : [point(labels(account), atMs / 1_000)],
  )
  const lastError = accounts.flatMap(({ lastErrorUnixMs: atMs, lastErrorReason: reason, ...account }) =>
    atMs === undefined || reason === undefined
      ? []
      : [point([...labels(account), 'reason', reason], atMs / 1_000)],
  )
  const item = '{item}'
  return [
    family(
      'ended',
      'counter',
      item,
      'Items that were handed to the exporter',
      each((a) => a.ended),
    ),
    family(
      'delivered',
      'counter',
      item,
      'Items that the backend acknowledged',
      each((a) => a.delivered),
    ),
    family('dropped', 'counter', item, 'Items that are lost, by reason', dropped),
    family(
      'pending',
      'updowncounter',
      item,
      'Items that wait or are under way',
      each((a) => a.pending),
    ),
    family(
      'spooled',
      'counter',
      item,
      'Items that were left on disk for the next run',
      each((a) => a.spooled),
    ),
    family(
      'recovered',
      'counter',
      item,
      'Items that an earlier run left on disk',
      each((a) => a.recovered),
    ),
    family(
      'queue.size',
      'updowncounter',
      'By',
      'Bytes that the pending items take',
      each((a) => a.queueBytes),
    ),
    family(
      'spool.size',
      'updowncounter',
      'By',
      'Bytes of spool files',
      each((a) => a.spoolBytes),
    ),
    family(
      'spool.torn',
      'counter',
      '{file}',
      'Spool files that were not whole',
      each((a) => a.spoolTorn),
    ),
    family(
      'retries',
      'counter',
      '{request}',
      'Requests that repeated an earlier one',
      each((a) => a.retries),
    ),
    family(
      'up',
      'gauge',
      '',
      'Whether the destination takes what it gets',
      each((a) => (a.state === 'ok' ? 1 : 0)),
    ),
    family(
      'last_success.time',
      'gauge',
      's',
      'When the backend acknowledged something last, Unix time',
      lastSuccess,
    ),
    family('last_error.time', 'gauge', 's', 'When a request failed last, Unix time, by reason', lastError),
  ]
}

// Semantic conventions, SDK self-observability (development): no `error.type` means success.
function spanFamilies(readers: readonly AccountReader[]): NumberFamily[] {
  const traces = readers.filter((reader) => reader.read().signal === 'traces')
  if (traces.length === 0) return []
  const exported = traces.flatMap((reader) => [
    point(component(reader), reader.read().delivered),
    ...[...reader.exportFailures].map(([reason, items]) =>
      point([...component(reader), 'error.type', reason], items),
    ),
  ])
  const inflight = traces.map((reader) => point(component(reader), reader.inFlightItems()))
  return [
    {
      name: 'otel.sdk.exporter.span.exported',
      naming: 'opentelemetry',
      description: 'Spans whose export has ended, successful or failed',
      unit: '{span}',
      type: 'counter',
      points: exported,
    },
    {
      name: 'otel.sdk.exporter.span.inflight',
      naming: 'opentelemetry',
      description: 'Spans in requests that are under way',
      unit: '{span}',
      type: 'updowncounter',
      points: inflight,
    },
  ]
}

function family(
  name: string,
  type: NumberFamily['type'],
  unit: string,
  description: string,
  points: NumberPoint[],
): NumberFamily {
  return { name: `hashira.exporter.${name}`, naming: 'opentelemetry', type, unit, description, points }
}

function labels(account: Pick<ExporterAccount, 'exporter' | 'signal'>): FlatAttributes {
  return ['exporter', account.exporter, 'signal', account.signal]
}

function component(reader: AccountReader): FlatAttributes {
  const type = reader.componentType
  return ['otel.component.type', type, 'otel.component.name', `${type}/0`]
}

function point(attributes: FlatAttributes, value: number): NumberPoint {
  return { attributes, startTimeUnixMs, value }
}

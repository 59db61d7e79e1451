import { addMetricSource, shared } from '@hashira/core'
import type { ExporterAccount } from './account'
import { deliveryMetricSource } from './delivery-metrics'

/** What the metrics about delivery read of one pipeline. */
export interface AccountReader {
  readonly componentType: string
  read(): ExporterAccount
  inFlightItems(): number
  readonly exportFailures: ReadonlyMap<string, number>
}

interface DeliveryAccounts {
  /** By pipeline. */
  readonly live: Map<object, AccountReader>
  /** Of pipelines that ended, by exporter and signal: counters never go back when Hashira starts again. */
  readonly ended: Map<string, AccountReader>
  added: boolean
}

const accounts = shared<DeliveryAccounts>('delivery.accounts', () => ({
  live: new Map(),
  ended: new Map(),
  added: false,
}))

/** The first pipeline of the process adds the metrics about delivery to every exporter's snapshot; they stay. */
export function addToDeliveryMetrics(pipeline: object, reader: AccountReader): void {
  accounts.live.set(pipeline, reader)
  if (accounts.added) return
  accounts.added = true
  addMetricSource(deliveryMetricSource(readAccounts))
}

/** The counts of an ended pipeline stay visible; the pipeline itself is let go. */
export function retireFromDeliveryMetrics(pipeline: object): void {
  const reader = accounts.live.get(pipeline)
  if (reader === undefined) return
  accounts.live.delete(pipeline)
  const last = frozen(reader)
  const key = keyOf(last.read())
  const before = accounts.ended.get(key)
  accounts.ended.set(key, before === undefined ? last : sumOf(before, last))
}

/** One reader per exporter and signal. */
function readAccounts(): AccountReader[] {
  const byKey = new Map(accounts.ended)
  for (const reader of accounts.live.values()) {
    const key = keyOf(reader.read())
    const before = byKey.get(key)
    byKey.set(key, before === undefined ? reader : sumOf(before, reader))
  }
  return [...byKey.values()]
}

function keyOf(account: ExporterAccount): string {
  return JSON.stringify([account.exporter, account.signal])
}

function frozen(reader: AccountReader): AccountReader {
  const account = reader.read()
  return {
    componentType: reader.componentType,
    read: () => account,
    inFlightItems: () => 0,
    exportFailures: new Map(reader.exportFailures),
  }
}

function sumOf(a: AccountReader, b: AccountReader): AccountReader {
  const [first, second] = [a.read(), b.read()]
  const dropped = sumCounts(Object.entries(first.dropped), Object.entries(second.dropped))
  const account: ExporterAccount = {
    ...second,
    lastSuccessUnixMs: second.lastSuccessUnixMs ?? first.lastSuccessUnixMs,
    ...(second.lastErrorUnixMs === undefined ? lastErrorOf(first) : lastErrorOf(second)),
    ended: first.ended + second.ended,
    delivered: first.delivered + second.delivered,
    dropped: Object.fromEntries(dropped),
    pending: first.pending + second.pending,
    spooled: first.spooled + second.spooled,
    recovered: first.recovered + second.recovered,
    queueBytes: first.queueBytes + second.queueBytes,
    spoolBytes: first.spoolBytes + second.spoolBytes,
    spoolTorn: first.spoolTorn + second.spoolTorn,
    retries: first.retries + second.retries,
  }
  const inFlightItems = a.inFlightItems() + b.inFlightItems()
  return {
    componentType: b.componentType,
    read: () => account,
    inFlightItems: () => inFlightItems,
    exportFailures: sumCounts(a.exportFailures, b.exportFailures),
  }
}

function lastErrorOf({ lastError, lastErrorReason, lastErrorUnixMs }: ExporterAccount) {
  return { lastError, lastErrorReason, lastErrorUnixMs }
}

function sumCounts(
  a: Iterable<readonly [string, number]>,
  b: Iterable<readonly [string, number]>,
): Map<string, number> {
  const sum = new Map(a)
  for (const [reason, count] of b) sum.set(reason, (sum.get(reason) ?? 0) + count)
  return sum
}

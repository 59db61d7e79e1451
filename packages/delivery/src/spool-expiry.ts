import { countFault } from '@hashira/core'
import { sayLine } from './circuit'
import type { SegmentName } from './spool-names'
import { isAlive } from './spool-owner'
import { SpoolSegment } from './spool-segment'

/**
 * What nobody came for in a week is of an exporter or destination that is not used any more. It would count against the bound of
 * all others for ever, and backends refuse what is so old.
 */
const MAX_AGE_DAYS = 7

/** Removes a segment that is too old and that nobody owns; what is lost with it is said and counted (`spool_expired`). */
export async function removeIfExpired(path: string, name: SegmentName, touchedUnixMs: number): Promise<void> {
  if (Date.now() - touchedUnixMs < MAX_AGE_DAYS * 86_400_000 || isAlive(name.owner, touchedUnixMs)) return
  const segment = await SpoolSegment.open(path)
  const { records } = await segment.records(Buffer.from(name.fingerprint, 'hex'))
  await segment.remove()
  const items = records.reduce((sum, record) => sum + record.items, 0)
  countFault('spool_expired', items)
  sayLine('warn', `${items} items of the spool are lost: nobody came for them in ${MAX_AGE_DAYS} days`)
}

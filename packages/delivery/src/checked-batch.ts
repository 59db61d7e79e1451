import { type Batch, ignoreRejection } from '@hashira/core'

/** What an exporter's encoder returned as a batch, if it is one: counts and bounds rest on its numbers. Throws otherwise. */
export function checkedBatch(value: unknown): Batch {
  ignoreRejection(value, 'encoder_take')
  const batch = value as Batch | undefined | null
  if (!ArrayBuffer.isView(batch?.bytes)) throw new TypeError('the encoder returned no bytes')
  return batch as Batch
}

/** The same of one batch of a snapshot, whose encoder counts its items itself. */
export function checkedCountedBatch(value: unknown): Batch {
  const batch = checkedBatch(value)
  if (!Number.isInteger(batch.itemCount) || batch.itemCount < 0)
    throw new TypeError('the encoder returned a batch without a count')
  return batch
}

/** What an exporter made of a snapshot: a list, or a generator that makes it while it is read. */
export function checkedBatches(value: unknown): Iterable<unknown> {
  ignoreRejection(value, 'encode')
  if (typeof value === 'object' && value !== null && Symbol.iterator in value)
    return value as Iterable<unknown>
  throw new TypeError('the encoder returned no batches')
}

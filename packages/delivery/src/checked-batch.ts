import { type Batch, ignoreRejection } from '@hashira/core'

/** What an exporter's encoder returned as a batch, if it is one: counts and bounds rest on its numbers. Throws otherwise. */
export function checkedBatch(value: unknown): Batch {
  ignoreRejection(value, 'encoder_take')
  const batch = value as Batch | undefined | null
  if (!ArrayBuffer.isView(batch?.bytes)) throw new TypeError('the encoder returned no bytes')
  return batch as Batch
}

/** The same of a snapshot, whose encoder counts its items itself. */
export function checkedBatches(value: unknown): readonly Batch[] {
  ignoreRejection(value, 'encode')
  if (!Array.isArray(value)) throw new TypeError('the encoder returned no list of batches')
  for (const batch of value.map(checkedBatch))
    if (!Number.isInteger(batch.itemCount) || batch.itemCount < 0)
      throw new TypeError('the encoder returned a batch without a count')
  return value as Batch[]
}

import type { BatchFraming } from '../framed-batches'

/** One document a line, as log agents, Lambda and the CloudWatch agent take them. */
export function lineFraming(maxBytes: number): BatchFraming {
  return {
    head: '',
    between: '\n',
    tail: '\n',
    frame: (document) => document,
    maxBytes,
    maxDocuments: Number.POSITIVE_INFINITY,
    overheadBytes: 1,
  }
}

/** The lines of a batch, each with its line feed. */
export function* linesOf(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
  for (let from = 0; from < bytes.byteLength; ) {
    const end = bytes.indexOf(0x0a, from)
    const next = end < 0 ? bytes.byteLength : end + 1
    yield bytes.subarray(from, next)
    from = next
  }
}

/** Metrics that a document defines: the items of the account. */
export function metricsIn(document: string): number {
  const { _aws } = JSON.parse(document) as { _aws: { CloudWatchMetrics: { Metrics: unknown[] }[] } }
  return _aws.CloudWatchMetrics.reduce((count, { Metrics }) => count + Metrics.length, 0)
}

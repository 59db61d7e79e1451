import type { MetricSnapshot, Resource } from '@hashira/core'
import { exposeFamilies } from './exposed-family'
import type { Format } from './format'
import { formatSeries } from './samples'

const CHUNK_CHARACTERS = 32_768
const MAX_BLOCK_MS = 5

/**
 * A whole snapshot as text, in pieces. A large one gives way to the app's own work every few milliseconds: the values were
 * copied when the snapshot was taken, so it is of one moment all the same.
 */
export async function* formatSnapshot(
  snapshot: MetricSnapshot,
  resource: Resource,
  format: Format,
): AsyncGenerator<string> {
  let since = performance.now()
  for (const chunk of chunks(snapshot, resource, format)) {
    yield chunk
    if (performance.now() - since < MAX_BLOCK_MS) continue
    await new Promise(setImmediate)
    since = performance.now()
  }
}

/** The same in one go, for who gives way himself. */
export function* chunks(snapshot: MetricSnapshot, resource: Resource, format: Format): Generator<string> {
  let chunk = ''
  for (const family of exposeFamilies(snapshot.families, resource)) {
    chunk += format.header(family)
    for (const series of formatSeries(family, format)) {
      chunk += series
      if (chunk.length < CHUNK_CHARACTERS) continue
      yield chunk
      chunk = ''
    }
  }
  yield chunk + format.end
}

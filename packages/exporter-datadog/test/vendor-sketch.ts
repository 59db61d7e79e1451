// Not imported: its types do not compile.
const { DDSketch } = require('@datadog/sketches-js') as {
  DDSketch: { fromProto(bytes: Uint8Array): VendorSketch }
}

/** What is used of Datadog's own sketch. */
export interface VendorSketch {
  readonly count: number
  readonly zeroCount: number
  getValueAtQuantile(quantile: number): number
}

/** The schema that Datadog publishes with its JavaScript library. */
const { DDSketch: Schema } = require('@datadog/sketches-js/dist/ddsketch/proto/compiled.js')

/**
 * A sketch as Datadog's own library reads it. That one has no eye for the map form of a store, which its schema has and its Go code
 * (the agent) reads: so it is given the same counts side by side.
 */
export function readSketch(bytes: Uint8Array): VendorSketch {
  const message = Schema.decode(bytes)
  const { binCounts } = message.positiveValues
  const indexes = Object.keys(binCounts).map(Number)
  if (indexes.length > 0) {
    const lowest = Math.min(...indexes)
    const width = Math.max(...indexes) - lowest + 1
    message.positiveValues.contiguousBinCounts = Array.from(
      { length: width },
      (_, i) => binCounts[lowest + i] ?? 0,
    )
    message.positiveValues.contiguousBinIndexOffset = lowest
  }
  return DDSketch.fromProto(Schema.encode(message).finish())
}

import { Buffer } from 'node:buffer'
import type { SpanFormat } from './zipkin-span-encoder'

/** Zipkin's API v2 as JSON: an array of spans. */
export const jsonFormat: SpanFormat = {
  contentType: 'application/json',
  encode({ annotations, tags, ...span }) {
    return Buffer.from(
      JSON.stringify({
        ...span,
        annotations: annotations.length > 0 ? annotations : undefined,
        // Entries are defined, so no key is special.
        tags: Object.fromEntries(tags),
      }),
    )
  },
  join(spans) {
    const comma = Buffer.from(',')
    const parts = spans.flatMap((span, i) => (i === 0 ? [span] : [comma, span]))
    return Buffer.concat([Buffer.from('['), ...parts, Buffer.from(']')])
  },
}

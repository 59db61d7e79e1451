import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as api from '@opentelemetry/api'
import fc from 'fast-check'
import * as values from '../dist/api-values.js'

describe('the values that are compiled in, in place of the API', () => {
  it('are the API’s own', () => {
    const own = new Map<string, unknown>(Object.entries(api))
    for (const [name, value] of Object.entries(values)) {
      if (typeof value === 'function') continue
      assert.deepEqual(value, own.get(name), name)
    }
  })

  it('has the same context keys and baggage metadata', () => {
    assert.equal(values.createContextKey('any'), api.createContextKey('any'))
    assert.equal(String(values.baggageEntryMetadataFromString('k=v')), 'k=v')
  })

  it('finds the same span contexts valid', () => {
    const digit = fc.constantFrom(...'0123456789abcdefABCDEF/:@G`g0000000')
    const id = (length: number) =>
      fc.oneof(
        fc.string({ unit: digit, minLength: length, maxLength: length }),
        fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length }),
        fc.constantFrom('0'.repeat(length), '', 'f'.repeat(length + 1), undefined as unknown as string),
      )
    fc.assert(
      fc.property(id(32), id(16), (traceId, spanId) => {
        const spanContext = { traceId, spanId, traceFlags: 0 }
        assert.equal(values.isSpanContextValid(spanContext), api.isSpanContextValid(spanContext))
      }),
      { verbose: true },
    )
  })
})

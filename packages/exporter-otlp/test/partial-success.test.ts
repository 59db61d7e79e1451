import assert from 'node:assert/strict'
import { it } from 'node:test'
import { readPartialSuccess } from '@hashira/exporter-otlp'
import fc from 'fast-check'
import { encodeLogsResponse, encodeMetricsResponse, encodeTracesResponse } from './otlp-schema'

const json = (value: unknown) => Buffer.from(JSON.stringify(value))

it('reads what a backend refused', () => {
  const partialSuccess = { rejectedSpans: 300, errorMessage: 'too old – sorry' }
  const expected = { itemCount: 300, message: 'too old – sorry' }
  assert.deepEqual(readPartialSuccess(encodeTracesResponse({ partialSuccess })), expected)
  assert.deepEqual(readPartialSuccess(json({ partialSuccess })), expected)
  assert.deepEqual(readPartialSuccess(Buffer.from(` \n{"partialSuccess":{"rejectedDataPoints":"2"}}`)), {
    itemCount: 2,
    message: '',
  })
})

it('reads it for each signal', () => {
  const expected = { itemCount: 3, message: 'no' }
  const of = (counter: string) => ({ partialSuccess: { [counter]: 3, errorMessage: 'no' } })
  const answers = [
    [encodeTracesResponse, 'rejectedSpans'],
    [encodeMetricsResponse, 'rejectedDataPoints'],
    [encodeLogsResponse, 'rejectedLogRecords'],
  ] as const
  for (const [encode, counter] of answers) {
    assert.deepEqual(readPartialSuccess(encode(of(counter))), expected)
    assert.deepEqual(readPartialSuccess(json(of(counter))), expected)
  }
})

it('reads a warning', () => {
  const partialSuccess = { errorMessage: 'use the new endpoint' }
  const expected = { itemCount: 0, message: 'use the new endpoint' }
  assert.deepEqual(readPartialSuccess(encodeTracesResponse({ partialSuccess })), expected)
  assert.deepEqual(readPartialSuccess(json({ partialSuccess })), expected)
})

it('takes everything else for a full success', () => {
  const bodies = ['', '{}', 'OK', '{"partialSuccess":{}}', '{"partialSuccess":null}', 'null', '[', '"x"']
  for (const body of bodies) assert.equal(readPartialSuccess(Buffer.from(body)), undefined, body)
  assert.equal(readPartialSuccess(encodeTracesResponse({ partialSuccess: {} })), undefined)
})

it('never throws', (t) => {
  const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 2 ** 31)
  t.diagnostic(`seed ${seed}`)
  const property = fc.property(fc.uint8Array({ maxLength: 40 }), (body) => {
    const found = readPartialSuccess(body)
    assert.ok(found === undefined || Number.isSafeInteger(found.itemCount))
  })
  fc.assert(property, { seed, numRuns: 5_000 })
})

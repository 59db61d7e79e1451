// Checks the harness itself: the X-Ray proxy of the shared collector talks to the shared moto.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { given } from './given.mjs'
import { MotoApi } from './moto/api.mjs'
import { waitFor } from './wait-for.mjs'

const { collector, moto, describe, it } = given('collector', 'moto')

describe('the X-Ray proxy of the collector', () => {
  it('hands calls to moto and its answers back', async () => {
    const startSeconds = Math.floor(Date.now() / 1000)
    const traceId = `1-${startSeconds.toString(16)}-${randomBytes(12).toString('hex')}`
    const segment = { trace_id: traceId, id: randomBytes(8).toString('hex'), name: 'shop' }
    const document = { ...segment, start_time: startSeconds, end_time: startSeconds + 1 }
    const response = await waitFor('the proxy', () =>
      fetch(`${collector.xrayProxyUrl}/TraceSegments`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ TraceSegmentDocuments: [JSON.stringify(document)] }),
      }),
    )
    assert.deepEqual(await response.json(), { UnprocessedTraceSegments: [] })
    assert.deepEqual(await new MotoApi(moto.url).segments(traceId), [document])
  })
})

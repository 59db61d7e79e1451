import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OpenBodies, type OpenBody } from '../../dist/outgoing/open-bodies'

function bodyOf(
  bodies: OpenBodies,
  received: { bytes: number | undefined },
): OpenBody & { settled: boolean } {
  const body = {
    settled: false,
    get bytesRead() {
      return received.bytes
    },
    settle() {
      body.settled = true
      bodies.delete(body)
    },
  }
  bodies.add(body)
  return body
}

describe('open bodies', () => {
  it('are settled when nothing has moved for a round', () => {
    const bodies = new OpenBodies()
    const received = { bytes: 0 }
    const body = bodyOf(bodies, received)
    bodies.sweep()
    received.bytes = 10
    bodies.sweep()
    assert.equal(body.settled, false)
    bodies.sweep()
    assert.equal(body.settled, true)
    assert.equal(bodies.size, 0)
  })

  it('are settled after ten minutes in any case', () => {
    const bodies = new OpenBodies()
    const received = { bytes: 0 }
    const body = bodyOf(bodies, received)
    let rounds = 0
    for (; !body.settled; rounds++) {
      received.bytes++
      bodies.sweep()
    }
    assert.equal(rounds, 61)
  })

  it('that came within a round get a whole one', () => {
    const bodies = new OpenBodies()
    const body = bodyOf(bodies, { bytes: undefined })
    bodies.sweep()
    assert.equal(body.settled, false)
    bodies.sweep()
    assert.equal(body.settled, true)
  })

  it('are settled all at once', () => {
    const bodies = new OpenBodies()
    const all = [bodyOf(bodies, { bytes: 1 }), bodyOf(bodies, { bytes: 2 })]
    bodies.settleAll()
    assert.deepEqual(
      all.map(({ settled }) => settled),
      [true, true],
    )
  })
})

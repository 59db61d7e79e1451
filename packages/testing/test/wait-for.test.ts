import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waitFor } from '@hashira/testing'

test('gives what the condition gave, as soon as it is truthy', async () => {
  let looks = 0
  assert.equal(await waitFor(() => (++looks === 3 ? 'found' : '')), 'found')
  assert.equal(await waitFor(async () => 7), 7)
})

test('a condition that throws has not come yet', async () => {
  let looks = 0
  const value = await waitFor(() => {
    if (++looks < 3) throw new Error('not yet')
    return looks
  })
  assert.equal(value, 3)
})

test('gives up and says what did not come, and why', async () => {
  const never = waitFor(
    () => {
      throw new Error('the reason')
    },
    { timeoutMs: 20, what: 'a span' },
  )
  await assert.rejects(never, (error: Error) => {
    assert.equal(error.message, 'a span did not come within 20 ms')
    assert.equal((error.cause as Error).message, 'the reason')
    return true
  })
})

import assert from 'node:assert/strict'
import type { Server } from 'node:http'
import { after, afterEach, before } from 'node:test'
import { start } from 'hashira'
import { close } from '../../packages/http/test/support/client.ts'
import {
  activeRequests,
  durationSeries,
  type RecordedSpan,
  recordSpans,
  until,
} from '../../packages/http/test/support/recorded.ts'

export { ask, listen } from '../../packages/http/test/support/client.ts'

/** Starts Hashira for the tests of a file; after each, its servers are closed and no request may be active. */
export function observedServers() {
  const closes: (() => unknown)[] = []
  let recording: ReturnType<typeof recordSpans>
  let measuredBefore = 0
  before(() => {
    start({ exporters: [], quiet: true, handleSignals: false })
    recording = recordSpans()
  })
  afterEach(async () => {
    for (const end of closes.splice(0)) await end()
    recording.spans.length = 0
    measuredBefore = await measurements()
    assert.equal(await activeRequests(), 0)
  })
  after(() => recording.stop())
  return {
    closeLater: (end: () => unknown) => void closes.push(end),
    closeServer: (server: Server) => void closes.push(() => close(server)),
    /** The server spans, once there are `count`; each has one measurement, and there are no others. */
    async serverSpans(count: number): Promise<RecordedSpan[]> {
      const serverSpans = () => recording.spans.filter(({ kind }) => kind === 1)
      await until(() => serverSpans().length >= count)
      await new Promise(setImmediate)
      assert.equal(serverSpans().length, count)
      assert.equal((await measurements()) - measuredBefore, count)
      return serverSpans()
    },
    get spans(): RecordedSpan[] {
      return recording.spans
    },
  }
}

async function measurements(): Promise<number> {
  return (await durationSeries()).reduce((sum, { count }) => sum + count, 0)
}

/** What most tests are about: name, status, and error type. */
export function factsOf({ name, attributes }: RecordedSpan): unknown[] {
  return [name, attributes['http.response.status_code'], attributes['error.type']]
}

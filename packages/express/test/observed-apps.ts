import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import { after, afterEach, before } from 'node:test'
import { start } from 'hashira'
import { close, listen } from '../../http/test/support/client'
import {
  activeRequests,
  type RecordedSpan,
  type Recording,
  recordSpans,
} from '../../http/test/support/recorded'
import type { Express } from './frameworks'

export interface ObservedApps {
  /** Of the test that runs. */
  readonly spans: RecordedSpan[]
  /** Listens on a free port, until the test ends. */
  serve(app: Express): Promise<number>
}

/** Starts Hashira for the tests of a file; after each, its apps are closed and no request may be active. */
export function observedApps(): ObservedApps {
  const servers: Server[] = []
  let recording: Recording
  before(() => {
    start({ exporters: [], quiet: true, handleSignals: false })
    recording = recordSpans()
  })
  afterEach(async () => {
    await Promise.all(servers.splice(0).map(close))
    recording.spans.length = 0
    assert.equal(await activeRequests(), 0)
  })
  after(() => recording.stop())
  return {
    get spans() {
      return recording.spans
    },
    async serve(app) {
      // Express' final handler writes to stderr unless this is a test.
      app.set('env', 'test')
      const server = createServer(app)
      servers.push(server)
      return listen(server)
    },
  }
}

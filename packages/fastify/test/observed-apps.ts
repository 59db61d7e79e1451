import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, afterEach, before } from 'node:test'
import { start } from 'hashira'
import {
  activeRequests,
  type RecordedSpan,
  type Recording,
  recordSpans,
} from '../../http/test/support/recorded'

// biome-ignore lint/suspicious/noExplicitAny: two majors of Fastify at once; each has its own types
export type Fastify = any

const require = createRequire(__filename)

export const frameworks: readonly (readonly [name: string, create: Fastify])[] = [
  ['Fastify 4', require('fastify4')],
  ['Fastify 5', require('fastify')],
]

export interface ObservedApps {
  /** Of the test that runs. */
  readonly spans: RecordedSpan[]
  /** Listens on a free port, until the test ends. */
  listen(app: Fastify): Promise<number>
  /** For an app that does not listen: closed when the test ends. */
  closeLater(app: Fastify): void
}

/** Starts Hashira for the tests of a file; after each, its apps are closed and no request may be active. */
export function observedApps(): ObservedApps {
  const apps: Fastify[] = []
  let recording: Recording
  before(() => {
    start({ exporters: [], quiet: true, handleSignals: false })
    recording = recordSpans()
  })
  afterEach(async () => {
    for (const app of apps.splice(0)) {
      app.server.closeAllConnections()
      await app.close()
    }
    recording.spans.length = 0
    assert.equal(await activeRequests(), 0)
  })
  after(() => recording.stop())
  return {
    get spans() {
      return recording.spans
    },
    async listen(app) {
      apps.push(app)
      await app.listen({ port: 0, host: '127.0.0.1' })
      return app.server.address().port
    },
    closeLater(app) {
      apps.push(app)
    },
  }
}

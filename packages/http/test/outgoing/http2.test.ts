import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createSecureServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { instrumentOutgoing } from '@hashira/http'
import { recordSpans } from '../support/recorded'
import { CERTIFICATE, PRIVATE_KEY } from './support/certificate'
import { takeClientSpans } from './support/client-spans'
import { type Dispatcher, undiciVersions } from './support/clients'

type Http2Agent = new (options: object) => Dispatcher

describe('HTTP/2', () => {
  // undici 5 builds the headers of its experimental HTTP/2 anew after it has published the request.
  for (const { name, skip, load } of undiciVersions.slice(1)) {
    it(`${name} sends the context, and says version 2`, { skip }, async () => {
      const received: (string | undefined)[] = []
      const server = createSecureServer({ key: PRIVATE_KEY, cert: CERTIFICATE }, (request, response) => {
        received.push(request.headers['traceparent'] as string | undefined)
        response.end('ok')
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const recording = recordSpans()
      const undo = instrumentOutgoing()
      const undici = load()
      const dispatcher = new (undici.Agent as unknown as Http2Agent)({
        allowH2: true,
        connect: { ca: CERTIFICATE, lookup: toLoopback },
      })
      for (let i = 0; i < 2; i++) {
        const { body } = await undici.request(
          `https://localhost:${(server.address() as AddressInfo).port}/`,
          {
            dispatcher,
            headers: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
          },
        )
        await body.text()
      }
      const spans = await takeClientSpans(recording, 2)
      assert.deepEqual(
        received,
        spans.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-03`),
      )
      assert.deepEqual(
        spans.map(({ attributes }) => attributes['network.protocol.version']),
        ['2', '2'],
      )
      undo()
      recording.stop()
      await dispatcher.destroy()
      server.close()
    })
  }
})

function toLoopback(_: string, options: { all?: boolean }, done: (...args: unknown[]) => void): void {
  if (options.all) done(null, [{ address: '127.0.0.1', family: 4 }])
  else done(null, '127.0.0.1', 4)
}

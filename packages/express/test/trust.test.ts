import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { observe } from '@hashira/express'
import { ask } from '../../http/test/support/client'
import { until } from '../../http/test/support/recorded'
import { frameworks } from './frameworks'
import { observedApps } from './observed-apps'

const observed = observedApps()
const T = '0af7651916cd43dd8448eb211c80319c'
const S = 'b7ad6b7169203331'

for (const [name, express] of frameworks) {
  describe(`trust in ${name}`, () => {
    test('ranges, and a function that sees the request', async () => {
      for (const [trust, isTrusted] of [
        [['127.0.0.1'], true],
        [['10.0.0.0/8'], false],
        [({ headers }: { headers: object }) => 'x-gateway' in headers, false],
      ] as const) {
        const app = express()
        app.use(observe({ trust }))
        app.get('/users/:id', (_request: unknown, response: { end(): void }) => response.end())
        const port = await observed.serve(app)
        await ask(port, '/users/7', { headers: { traceparent: `00-${T}-${S}-01` } })
        await until(() => observed.spans.length === 1)
        const span = observed.spans.shift()!
        assert.equal(span.name, 'GET /users/:id')
        assert.equal(span.parentSpanId, isTrusted ? S : undefined)
        assert.equal(span.traceId === T, isTrusted)
        assert.equal(span.links.length, isTrusted ? 0 : 1)
      }
    })
  })
}

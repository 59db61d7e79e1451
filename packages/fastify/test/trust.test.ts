import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { observe } from '@hashira/fastify'
import { ask } from '../../http/test/support/client'
import { until } from '../../http/test/support/recorded'
import { frameworks, observedApps } from './observed-apps'

const observed = observedApps()
const T = '0af7651916cd43dd8448eb211c80319c'
const S = 'b7ad6b7169203331'

for (const [name, fastify] of frameworks) {
  describe(`trust in ${name}`, () => {
    test('ranges, and a function that sees the request; its lines are of the trace that began here', async () => {
      for (const [trust, isTrusted] of [
        [['127.0.0.1'], true],
        [['10.0.0.0/8'], false],
        [({ headers }: { headers: object }) => 'x-gateway' in headers, false],
      ] as const) {
        const lines: Record<string, unknown>[] = []
        const app = fastify({ logger: { stream: { write: (line: string) => lines.push(JSON.parse(line)) } } })
        app.register(observe, { trust })
        app.get('/users/:id', async () => 'ok')
        const port = await observed.listen(app)
        lines.length = 0
        await ask(port, '/users/7', { headers: { traceparent: `00-${T}-${S}-01`, 'x-other': '1' } })
        await until(() => observed.spans.length === 1 && lines.length === 2)
        const span = observed.spans.shift()!
        assert.equal(span.name, 'GET /users/:id')
        assert.equal(span.parentSpanId, isTrusted ? S : undefined)
        assert.equal(span.traceId === T, isTrusted)
        assert.equal(span.links.length, isTrusted ? 0 : 1)
        for (const line of lines) assert.equal(line['trace_id'], span.traceId)
      }
    })
  })
}

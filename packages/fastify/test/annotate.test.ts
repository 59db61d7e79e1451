import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { annotate } from '@hashira/core'
import { observe } from '@hashira/fastify'
import { tracer } from '@hashira/tracing'
import { ask } from '../../http/test/support/client'
import { until } from '../../http/test/support/recorded'
import { type Fastify, frameworks, observedApps } from './observed-apps'

const observed = observedApps()

for (const [name, fastify] of frameworks) {
  describe(`annotate in ${name}`, () => {
    test('the fields are on later lines of request.log up to "request completed", and on the spans', async () => {
      const lines: Record<string, unknown>[] = []
      const app = fastify({ logger: { stream: { write: (line: string) => lines.push(JSON.parse(line)) } } })
      app.register(observe, { accessLog: true })
      app.get('/orders/:id', async (request: Fastify) => {
        request.log.info('before')
        annotate({ 'order.id': request.params.id })
        await tracer.span('load order', () => new Promise(setImmediate))
        request.log.info('after')
        request.log.child({ step: 2 }).info('child')
        app.log.info('app')
        return 'ok'
      })
      const port = await observed.listen(app)
      await Promise.all(['1', '2', '3'].map((id) => ask(port, `/orders/${id}`)))
      await until(() => lines.filter(({ msg }) => msg === 'request completed').length === 3)
      const ids = (msg: string) => lines.filter((line) => line['msg'] === msg).map((line) => line['order.id'])
      for (const msg of ['incoming request', 'before'])
        assert.deepEqual(ids(msg), [undefined, undefined, undefined])
      for (const msg of ['after', 'child', 'app', 'request completed', 'GET /orders/:id 200'])
        assert.deepEqual(ids(msg).sort(), ['1', '2', '3'], msg)
      await until(() => observed.spans.length === 6)
      for (const id of ['1', '2', '3']) {
        const spans = observed.spans.filter((span) => span.attributes['order.id'] === id)
        assert.deepEqual(spans.map((span) => span.name).sort(), ['GET /orders/:id', 'load order'])
        const trace = lines.find((line) => line['msg'] === 'after' && line['order.id'] === id)?.['trace_id']
        for (const span of spans) assert.equal(span.traceId, trace)
      }
    })
  })
}

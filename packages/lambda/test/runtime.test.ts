import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { waitFor } from '@hashira/testing'
import { Lambda } from './support/lambda'

const SERVER = 2
const ERROR = 2

describe('a function in the Lambda runtime', { timeout: 120_000 }, () => {
  let lambda: Lambda

  beforeEach(() => {
    lambda = new Lambda()
  })
  afterEach(() => lambda.stop())

  it('sends its spans before its answer, and is frozen after it', async () => {
    await lambda.start('esm.mjs', 'asynchronous')
    const answer = await lambda.invoke({})
    assert.equal(answer.kind, 'response', lambda.output)
    assert.deepEqual(JSON.parse(answer.body), { ok: true })

    const [span] = lambda.received.named('shop')
    assert.ok(span!.atMs < answer.atMs)
    assert.equal(span!.kind, SERVER)
    assert.equal(span!.attributes['faas.coldstart'], true)
    assert.equal(span!.attributes['faas.trigger'], 'other')
    assert.match(String(span!.attributes['faas.invocation_id']), /^[0-9a-f-]{36}$/)
    assert.equal(span!.attributes['cloud.account.id'], '123456789012')
    assert.equal(
      span!.attributes['cloud.resource_id'],
      'arn:aws:lambda:eu-west-1:123456789012:function:shop:7',
    )
    const [child] = lambda.received.named('load')
    assert.equal(child!.parentSpanId, span!.spanId)
    assert.ok(lambda.received.metricNames.has('faas.invoke_duration'))
    assert.ok(lambda.received.metricNames.has('faas.coldstarts'))

    await waitFor(() => lambda.api.freezes === 1)
    const second = await lambda.invoke({ answer: 'again' })
    assert.equal(JSON.parse(second.body), 'again')
    const spans = lambda.received.named('shop')
    assert.equal(spans.length, 2)
    assert.equal(spans[1]!.attributes['faas.coldstart'], false)
    assert.ok(spans[1]!.atMs < second.atMs)
  })

  it('passes an error on and records it once', async () => {
    await lambda.start('esm.mjs', 'failing')
    const answer = await lambda.invoke({})
    assert.equal(answer.kind, 'error', lambda.output)
    assert.equal(JSON.parse(answer.body).errorType, 'TypeError')
    const [span] = lambda.received.named('shop')
    assert.ok(span!.atMs < answer.atMs)
    assert.deepEqual(span!.status, { code: ERROR, message: 'no such cart' })
    assert.equal(span!.attributes['error.type'], 'TypeError')
    assert.equal(span!.events!.filter(({ name }) => name === 'exception').length, 1)
    assert.ok(lambda.received.metricNames.has('faas.errors'))
  })

  it('sends the span of a handler that throws at once', async () => {
    await lambda.start('esm.mjs', 'throwing')
    const answer = await lambda.invoke({})
    assert.equal(JSON.parse(answer.body).errorType, 'RangeError')
    assert.ok(lambda.received.named('shop')[0]!.atMs < answer.atMs)
  })

  it('follows the callback of a CommonJS handler', async (test) => {
    await lambda.start('commonjs.cjs', 'callback')
    const answer = await lambda.invoke({})
    if (
      answer.body.includes('CallbackHandlerDeprecated') ||
      lambda.output.includes('CallbackHandlerDeprecated')
    )
      return test.skip("this version of AWS's client takes no callbacks")
    assert.deepEqual(JSON.parse(answer.body), { ok: true })
    assert.ok(lambda.received.named('shop')[0]!.atMs < answer.atMs)
    const refused = await lambda.invoke({ fail: true })
    assert.equal(refused.kind, 'error')
    assert.equal(lambda.received.named('shop')[1]!.status!.message, 'refused')
  })

  for (const handler of ['streaming', 'streamingOutside']) {
    it(`lets a response stream: ${handler}`, async () => {
      await lambda.start('esm.mjs', handler)
      const answer = await lambda.invoke({})
      assert.equal(answer.body, handler === 'streaming' ? 'first,last' : 'whole', lambda.output)
      const span = await waitFor(() => lambda.received.named('shop')[0])
      assert.equal(lambda.received.named('load')[0]!.parentSpanId, span!.spanId)
      await waitFor(() => lambda.api.freezes > 0)
      assert.equal(lambda.received.spans.length, 2, 'the call that carries the stream is none of the app')
    })
  }

  it('ends what is open before Lambda kills the process', async () => {
    await lambda.start('esm.mjs', 'slow')
    const answer = await lambda.invoke({}, { timeoutMs: 3_000 })
    assert.equal(answer.kind, 'killed')
    const open = lambda.received.named('never ends')[0]
    const [span] = lambda.received.named('shop')
    assert.deepEqual(span!.status, { code: ERROR, message: 'timeout' })
    assert.equal(span!.attributes['error.type'], 'timeout')
    assert.deepEqual(open!.status, { code: ERROR, message: 'timeout' })
    assert.equal(open!.parentSpanId, span!.spanId)
    assert.equal(lambda.received.named('first')[0]!.status?.code, undefined)
    assert.ok(lambda.received.metricNames.has('faas.timeouts'))
  })

  it('answers although its backend does not', async () => {
    await lambda.start('esm.mjs', 'asynchronous', { HASHIRA_LAMBDA_FLUSH_TIMEOUT: '200' })
    lambda.received.hangs = true
    const answer = await lambda.invoke({}, { timeoutMs: 30_000 })
    assert.deepEqual(JSON.parse(answer.body), { ok: true })
  })

  it('goes on from the header of X-Ray, as the propagators say', async () => {
    const traceId = '5759e988bd862e3fe1be46a994272793'
    const header = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a:1'
    await lambda.start('esm.mjs', 'asynchronous', { OTEL_PROPAGATORS: 'tracecontext,xray' })
    await lambda.invoke({}, { traceHeader: header })
    await lambda.invoke({})
    const [first, second] = lambda.received.named('shop')
    assert.equal(first!.traceId, traceId)
    assert.equal(first!.parentSpanId, '53995c3f42cd8ad8')
    assert.notEqual(second!.traceId, traceId)
    assert.ok(!second!.parentSpanId)
  })
})

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { recordError, type SpanRecord } from '@hashira/core'
import { createLogger } from '@hashira/logs'
import { tracer } from '@hashira/tracing'
import { type Span, trace } from '@opentelemetry/api'
import { type Hashira, start } from 'hashira'
import { checkedAccount } from '../support/child-app.ts'
import { Collector } from '../support/collector.ts'
import { hostileValues } from './hostile-values.ts'

/** Every way to give a value to a span that is there. */
const calls: Record<string, (span: Span, bad: never) => void> = {
  setAttribute: (span, bad) => span.setAttribute('bad', bad),
  'the key of setAttribute': (span, bad) => span.setAttribute(bad, 1),
  setAttributes: (span, bad) => span.setAttributes(bad),
  addEvent: (span, bad) => span.addEvent(bad, bad, bad),
  'attributes of addEvent': (span, bad) => span.addEvent('event', { bad }),
  addLink: (span, bad) => span.addLink(bad),
  'the context of addLink': (span, bad) => span.addLink({ context: bad, attributes: { bad } }),
  addLinks: (span, bad) => span.addLinks([bad]),
  setStatus: (span, bad) => span.setStatus(bad),
  'code and message of setStatus': (span, bad) => span.setStatus({ code: bad, message: bad }),
  updateName: (span, bad) => span.updateName(bad),
  recordException: (span, bad) => span.recordException(bad, bad),
  end: (span, bad) => span.end(bad),
}

/** Every way to make a span of a value; `@opentelemetry/api` is what libraries use. */
const starts: Record<string, (bad: never) => Span> = {
  'its name': (bad) => tracer.startSpan(bad),
  'its options': (bad) => trace.getTracer('library').startSpan('start', bad),
  'each option': (bad) =>
    tracer.startSpan('start', { kind: bad, attributes: bad, links: bad, startTime: bad, root: bad }),
  'a link and an attribute': (bad) => tracer.startSpan('start', { links: [bad], attributes: { bad } }),
  'its context': (bad) => tracer.startSpan('start', {}, bad),
  'the options of span()': (bad) => tracer.span('start', bad, (span: Span) => span),
}

describe('whatever the app gives us, through the whole pipe', () => {
  const collector = new Collector()
  const unhandled: unknown[] = []
  const onUnhandled = (reason: unknown) => unhandled.push(reason)
  let hashira: Hashira
  let good = 0

  before(async () => {
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = await collector.listen()
    process.env['OTEL_BSP_SCHEDULE_DELAY'] = '50'
    process.on('unhandledRejection', onUnhandled)
    hashira = start({ exporters: ['otlp'], quiet: true, handleSignals: false, onSpanEnd })
  })
  after(async () => {
    await hashira.shutdown({ timeoutMs: 1_000 })
    process.off('unhandledRejection', onUnhandled)
    await collector.die()
  })

  function onSpanEnd({ name }: SpanRecord): undefined {
    if (name === 'its hook fails') throw new Error('hook')
  }

  function goodSpan(): string {
    const name = `good ${++good}`
    tracer.startSpan(name, { attributes: { fine: true } }).end()
    return name
  }

  /** Flushes; every good span has arrived, the bad ones too or they are dropped for a reason. */
  async function assertGoodArrive(names: readonly string[]): Promise<void> {
    await hashira.flush()
    for (const name of names) assert.ok(collector.names.has(name), `${name} has arrived`)
    const account = checkedAccount(hashira.status())
    assert.equal(account.pending, 0)
    assert.equal(account.delivered, collector.acceptedSpans)
    assert.deepEqual(unhandled, [])
  }

  for (const [what, make] of Object.entries(hostileValues)) {
    it(`${what}: nothing throws, the spans beside arrive`, async () => {
      const bad = make() as never
      const names: string[] = []
      for (const [how, call] of Object.entries(calls)) {
        const span = tracer.startSpan('bad')
        assert.doesNotThrow(() => call(span, bad), how)
        span.end()
        names.push(goodSpan())
      }
      for (const [how, begin] of Object.entries(starts)) {
        let span: Span | undefined
        assert.doesNotThrow(() => {
          span = begin(bad)
        }, how)
        span?.end()
        names.push(goodSpan())
      }
      assert.doesNotThrow(() => recordError(bad))
      await assertGoodArrive(names)
    })
  }

  it('misuse of a span: twice ended, used after its end, ended before its start', async () => {
    const span = tracer.startSpan('misused')
    span.end()
    span.end(Number.NaN)
    span
      .setAttribute('late', 1)
      .addEvent('late')
      .setStatus({ code: 2 })
      .updateName('late')
      .recordException('late')
    tracer.startSpan('backwards', { startTime: Date.now() + 10_000 }).end(1)
    await assertGoodArrive([goodSpan()])
    assert.ok(collector.names.has('misused'))
    assert.equal(collector.names.has('late'), false)
  })

  it('a function of span() that throws, rejects or never settles: its own error, and the spans beside arrive', async () => {
    const error = new RangeError('of the app')
    assert.throws(
      () =>
        tracer.span('throws', () => {
          throw error
        }),
      error,
    )
    await assert.rejects(
      tracer.span('rejects', () => Promise.reject(error)),
      error,
    )
    void tracer.span('never settles', () => new Promise(() => {}))
    await assertGoodArrive([goodSpan()])
    assert.ok(collector.names.has('throws') && collector.names.has('rejects'))
  })

  it('a span that is dropped has a reason, and is dropped alone', async () => {
    const before = checkedAccount(hashira.status())
    const names = [goodSpan()]
    tracer.startSpan('its hook fails').end()
    names.push(goodSpan())
    await assertGoodArrive(names)
    const now = checkedAccount(hashira.status())
    assert.equal(now.dropped['hook_error'], 1)
    assert.equal(now.ended - before.ended, 3)
    assert.equal(now.delivered - before.delivered, 2)
    assert.equal(collector.names.has('its hook fails'), false)
  })

  it('a correlated logger writes what pino writes, and throws what pino throws', () => {
    const lines: string[] = []
    const plainLines: string[] = []
    const log = createLogger({ base: null }, { write: (line) => void lines.push(line) })
    const plain = createLogger({ base: null }, { write: (line) => void plainLines.push(line) })
    for (const [what, make] of Object.entries(hostileValues)) {
      if (what.includes('64 MB') || what.includes('sparse')) continue
      const outside = outcome(() => plain.info({ bad: make() }, 'bad'))
      const inside = tracer.span('logging', () => outcome(() => log.info({ bad: make() }, 'bad')))
      assert.equal(inside, outside, what)
      assert.equal(lines.length, plainLines.length, what)
    }
    assert.ok(lines.length > 10)
    for (const line of lines) assert.match(JSON.parse(line)['trace_id'], /^[0-9a-f]{32}$/)
  })
})

function outcome(call: () => void): string {
  try {
    call()
    return 'returned'
  } catch (error) {
    return `threw ${(error as Error).message}`
  }
}

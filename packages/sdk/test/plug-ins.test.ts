import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { isHashiraError } from '@hashira/core'
import { alwaysOffSampler } from '@hashira/tracing'
import {
  type Span as ApiSpan,
  type Context,
  context,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  type Span,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { type Hashira, type StartOptions, start } from 'hashira'

let running: Hashira | undefined
afterEach(() => running?.shutdown())

function begin(options: StartOptions): Hashira {
  running = start({ exporters: [], quiet: true, handleSignals: false, ...options })
  return running
}

/** Every feature of a span, through the API. */
function recordSpans(tracer: ReturnType<typeof trace.getTracer>): void {
  const root = tracer.startSpan('root', {
    kind: SpanKind.SERVER,
    attributes: { a: 'x', list: [1, 2] },
    startTime: [1_700_000_000, 5],
  })
  const child = tracer.startSpan(
    'child',
    {
      links: [{ context: root.spanContext(), attributes: { l: true } }],
      startTime: [1_700_000_000, 900_000_000],
    },
    trace.setSpan(context.active(), root),
  )
  child.addEvent('event', { e: 1 }, [1_700_000_001, 0])
  child.setStatus({ code: SpanStatusCode.ERROR, message: 'no' })
  child.updateName('renamed')
  child.end([1_700_000_001, 100_000_000])
  root.end([1_700_000_002, 6])
}

/** What must be the same, whoever made the span. */
function facts(span: ReadableSpan): object {
  const { name, kind, startTime, endTime, duration, status, attributes, events, ended } = span
  const { droppedAttributesCount, droppedEventsCount, droppedLinksCount, instrumentationScope } = span
  const links = span.links.map((link) => ({
    attributes: link.attributes,
    flags: link.context.traceFlags & 1,
  }))
  const hasParent = span.parentSpanContext !== undefined
  return {
    name,
    kind,
    startTime,
    endTime,
    duration,
    status,
    attributes,
    ended,
    events: events.map((event) => ({ ...event, droppedAttributesCount: event.droppedAttributesCount ?? 0 })),
    droppedAttributesCount,
    droppedEventsCount,
    droppedLinksCount,
    links,
    hasParent,
    scope: instrumentationScope.name,
    version: instrumentationScope.version,
  }
}

describe('OpenTelemetry span processors', () => {
  it('see what they see in their own SDK', () => {
    const own = new InMemorySpanExporter()
    const theirs = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(own)] })
    recordSpans(theirs.getTracer('app', '1.2'))

    const here = new InMemorySpanExporter()
    begin({ spanProcessors: [new SimpleSpanProcessor(here)] })
    recordSpans(trace.getTracer('app', '1.2'))

    assert.equal(here.getFinishedSpans().length, 2)
    assert.deepEqual(here.getFinishedSpans().map(facts), own.getFinishedSpans().map(facts))
    const [child, root] = here.getFinishedSpans()
    assert.equal(child!.parentSpanContext!.spanId, root!.spanContext().spanId)
    assert.equal(child!.spanContext().traceId, root!.spanContext().traceId)
    assert.equal(child!.resource.attributes['telemetry.distro.name'], 'hashira')
  })

  it('may change a span when it starts, and get the same object when it ends', () => {
    const seen: unknown[] = []
    const processor: SpanProcessor = {
      onStart(span: Span, parent: Context) {
        span.setAttribute('from.baggage', 'yes')
        seen.push(span, span.attributes['from.baggage'], parent.getValue(Symbol.for('x')))
      },
      onEnd: (span: ReadableSpan) => void seen.push(span, span.ended),
      forceFlush: async () => {},
      shutdown: async () => {},
    }
    const memory = new InMemorySpanExporter()
    begin({ spanProcessors: [processor, new SimpleSpanProcessor(memory)] })
    trace.getTracer('app').startSpan('a').end()
    assert.equal(seen[0], seen[3])
    assert.deepEqual([seen[1], seen[4]], ['yes', true])
    assert.equal(memory.getFinishedSpans()[0]!.attributes['from.baggage'], 'yes')
  })

  it('are flushed by flush() and shut down by shutdown(), and what they hold is not lost', async () => {
    const exported: ReadableSpan[] = []
    const calls: string[] = []
    const exporter: SpanExporter = {
      export: (spans, done) => {
        exported.push(...spans)
        done({ code: 0 })
      },
      shutdown: async () => void calls.push('shutdown'),
    }
    const hashira = begin({ spanProcessors: [new BatchSpanProcessor(exporter)] })
    for (let i = 0; i < 600; i++) trace.getTracer('app').startSpan(`span ${i}`).end()
    assert.equal(await hashira.flush(), true)
    assert.equal(exported.length, 600)
    trace.getTracer('app').startSpan('last').end()
    await hashira.shutdown()
    assert.equal(exported.length, 601)
    assert.deepEqual(calls, ['shutdown'])
  })

  it('hurt nobody when they throw, reject or hang', async () => {
    const bad = {
      onStart() {
        throw new Error('start')
      },
      onEnd: () => Promise.reject(new Error('end')) as never,
      forceFlush: () => new Promise<void>(() => {}),
      shutdown: () => Promise.reject(new Error('shutdown')),
    }
    const memory = new InMemorySpanExporter()
    const hashira = begin({ spanProcessors: [bad, new SimpleSpanProcessor(memory)] })
    trace.getTracer('app').startSpan('a').end()
    assert.equal(memory.getFinishedSpans().length, 1)
    assert.equal(await hashira.flush({ timeoutMs: 20 }), false)
    const { faults } = await hashira.shutdown({ timeoutMs: 50 })
    assert.ok(faults['span_processor']! >= 3, JSON.stringify(faults))
  })

  it('get spans of the tail keeper when they are kept, as sampled ones', () => {
    const memory = new InMemorySpanExporter()
    begin({ spanProcessors: [new SimpleSpanProcessor(memory)], sampler: alwaysOffSampler, tail: true })
    trace.getTracer('app').startSpan('fine').end()
    const span: ApiSpan = trace.getTracer('app').startSpan('bad')
    span.setStatus({ code: SpanStatusCode.ERROR })
    span.end()
    assert.deepEqual(
      memory.getFinishedSpans().map(({ name }) => name),
      ['bad'],
    )
    assert.equal(memory.getFinishedSpans()[0]!.spanContext().traceFlags & 1, 1)
  })
})

describe('OpenTelemetry span exporters', () => {
  it('get every span, and have an account', async () => {
    const seen: ReadableSpan[] = []
    class TheirExporter implements SpanExporter {
      export(spans: ReadableSpan[], done: (result: { code: number }) => void) {
        seen.push(...spans)
        setImmediate(() => done({ code: 0 }))
      }
      async shutdown() {}
    }
    const hashira = begin({ spanExporters: [new TheirExporter()] })
    recordSpans(trace.getTracer('app', '1.2'))
    const many = trace.getTracer('many')
    for (let i = 0; i < 10_000; i++) many.startSpan(`span ${i}`).end()
    const { exporters } = await hashira.shutdown()
    assert.equal(seen.length, 10_002)
    const [account] = exporters
    assert.deepEqual(
      [account!.exporter, account!.ended, account!.delivered, account!.pending],
      ['TheirExporter', 10_002, 10_002, 0],
    )
    assert.equal(
      seen.find(({ name }) => name === 'renamed')!.parentSpanContext!.spanId,
      seen.find(({ name }) => name === 'root')!.spanContext().spanId,
    )
  })

  it('that fail, throw or never answer lose what they got, and it is counted', async () => {
    const exporter = {
      export(spans: { length: number }, done: (result: { code: number; error?: Error }) => void) {
        if (spans.length === 1) throw new Error('thrown')
        done({ code: 1, error: new Error('refused') })
      },
      shutdown: async () => {},
    }
    const hashira = begin({ spanExporters: [exporter] })
    for (let i = 0; i < 3; i++) trace.getTracer('app').startSpan('a').end()
    await hashira.flush()
    const [account] = hashira.status().exporters
    assert.deepEqual([account!.ended, account!.delivered, account!.dropped], [3, 0, { export_failed: 3 }])
    assert.match(account!.lastError!, /refused/)
  })
})

describe('options', () => {
  it('that are no plug-ins are refused', () => {
    for (const options of [{ spanProcessors: [{}] }, { spanExporters: {} }, { instrumentations: [1] }]) {
      const name = Object.keys(options)[0]!
      assert.throws(
        () => start(options as unknown as StartOptions),
        (error: Error) =>
          isHashiraError(error) &&
          error.code === 'HASHIRA_OPTION_INVALID' &&
          error.message.includes(`"${name}"`),
      )
    }
  })

  it('instrumentations get the provider, are enabled, and disabled at the end', async () => {
    const calls: unknown[] = []
    const instrumentation = {
      setTracerProvider: (provider: unknown) =>
        void calls.push(typeof (provider as { getTracer: unknown }).getTracer),
      enable: () => void calls.push('enable'),
      disable: () => void calls.push('disable'),
    }
    const broken = {
      enable() {
        throw new Error('no')
      },
      disable() {
        throw new Error('no')
      },
    }
    const hashira = begin({ instrumentations: [[broken], instrumentation] as never })
    assert.deepEqual(calls, ['function', 'enable'])
    await hashira.shutdown()
    assert.deepEqual(calls, ['function', 'enable', 'disable'])
  })

  it('one that throws is not asked again: whether it had sent them nobody knows', async () => {
    let asked = 0
    const exporter = {
      export() {
        asked++
        throw new Error('halfway')
      },
      shutdown: async () => {},
    }
    const hashira = begin({ spanExporters: [exporter] })
    trace.getTracer('app').startSpan('a').end()
    await hashira.flush()
    const [account] = hashira.status().exporters
    assert.deepEqual([account!.ended, account!.pending, account!.dropped], [1, 0, { export_failed: 1 }])
    assert.deepEqual([asked, account!.lastError?.includes('halfway')], [1, true])
  })
})

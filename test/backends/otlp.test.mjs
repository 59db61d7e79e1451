// Traces, metrics and logs over OTLP into the real collector: what it decoded is compared field by field with what was recorded.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { AttributeList } from '@hashira/core'
import { createMetricPipeline } from '@hashira/delivery'
import { otlp } from '@hashira/exporter-otlp'
import { createLogger } from '@hashira/logs'
import { tracer } from '@hashira/tracing'
import { start } from 'hashira'
import { readPoints, readRecords, readSpans } from './collector/output.mjs'
import { given } from './given.mjs'
import { waitFor } from './wait-for.mjs'

const { collector, describe, it } = given('collector')

const variants = [
  { protocol: 'http/protobuf', compression: 'none' },
  { protocol: 'http/protobuf', compression: 'gzip' },
  { protocol: 'http/json', compression: 'none' },
  { protocol: 'http/json', compression: 'gzip' },
]

const nanos = (seconds, rest) => String(BigInt(seconds) * 1_000_000_000n + BigInt(rest))
/** What the collector's file leaves out: zeros, empty texts and lists. */
const isSet = (value) => value !== undefined && value !== 0 && value !== '' && value !== '0'
const set = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => isSet(value)))
const byName = (one, other) => (one.name < other.name ? -1 : 1)

const odd = {
  text: 'héllo 💥 \u0000 "quoted"',
  lone: 'a\ud800b',
  empty: '',
  whole: 42,
  negative: -7,
  large: Number.MAX_SAFE_INTEGER,
  broken: 0.1,
  huge: 1e300,
  yes: true,
  no: false,
  texts: ['a', 'ü'],
  numbers: [1, 2, 3],
  doubles: [0.5, -1.25],
  booleans: [true, false],
  long: 'x'.repeat(5_000),
}
const decoded = { ...odd, lone: 'a\ufffdb' }

for (const variant of variants) {
  describe(`${variant.protocol}, ${variant.compression}, in the real collector`, () => {
    const service = `otlp-${randomBytes(4).toString('hex')}`
    const ofService = ({ resource }) => resource['service.name'] === service
    const exporter = () => otlp({ endpoint: collector.otlpUrl, ...variant })

    it('has the spans as they were recorded', async () => {
      const expected = []
      const hashira = start({
        serviceName: service,
        environment: 'test',
        quiet: true,
        exporters: [],
        tracesExporters: [exporter()],
        onSpanEnd: (span) => void expected.push(spanFields(span)),
      })
      record()
      const { exporters } = await hashira.shutdown({ timeoutMs: 10_000 })
      assert.deepEqual([exporters[0].ended, exporters[0].delivered], [3, 3])
      const spans = await waitFor('the spans', () => {
        const found = readSpans(collector.tracesFile).filter(ofService)
        return found.length === 3 && found
      })
      assert.deepEqual(spans.map(comparableSpan).sort(byName), expected.sort(byName))
      const [{ resource }] = spans
      assert.equal(resource['deployment.environment.name'], 'test')
      assert.equal(resource['telemetry.distro.name'], 'hashira')
      assert.equal(resource['process.pid'], process.pid)
    })

    it('has the log records as they were written', async () => {
      const lines = []
      const hashira = start({
        serviceName: service,
        quiet: true,
        exporters: [],
        logsExporters: [exporter()],
        tracesExporters: [exporter()],
      })
      const logger = createLogger(
        { level: 'trace', redact: ['card.number'], customLevels: { audit: 35 } },
        { write: (line) => lines.push(line) },
      ).child({ module: 'checkout' })
      const err = Object.assign(new TypeError('declined', { cause: new Error('no funds') }), { code: 'E_1' })
      tracer.span('charge', () => {
        logger.info(odd, 'every type')
        logger.error({ err, card: { number: '4242', holder: 'A' } }, 'failed')
      })
      logger.audit('outside')
      const { exporters } = await hashira.shutdown({ timeoutMs: 10_000 })
      const account = exporters.find(({ signal }) => signal === 'logs')
      assert.deepEqual([account.ended, account.delivered], [3, 3])
      const records = await waitFor('the records', () => {
        const found = readRecords(collector.logsFile).filter(ofService)
        return found.length === 3 && found
      })
      const [everyType, failed, outside] = lines.map((line) => JSON.parse(line))
      assert.equal(everyType.hostname, hostname())
      const { type, message, stack } = failed.err
      assert.match(stack, /caused by: Error: no funds/)
      const common = { module: 'checkout' }
      assert.deepEqual(records.map(comparableLog), [
        expectedLog(everyType, 9, 'info', { ...common, ...decoded }),
        expectedLog(failed, 17, 'error', {
          ...common,
          'exception.type': type,
          'exception.message': message,
          'exception.stacktrace': stack,
          'err.code': 'E_1',
          'card.number': '[Redacted]',
          'card.holder': 'A',
        }),
        expectedLog(outside, 11, 'audit', common),
      ])
      assert.equal(records[0].scope.name, '@hashira/logs')
    })

    it('has every kind of metric', async () => {
      const resource = { attributes: new AttributeList(['service.name', service]) }
      const snapshot = everyKind()
      const pipeline = createMetricPipeline({
        exporter: 'otlp',
        push: exporter().metrics,
        resource,
        collect: async () => snapshot,
      })
      await pipeline.shutdown(Date.now() + 10_000)
      assert.equal(pipeline.account().delivered, 5)
      const points = await waitFor('the points', () => {
        const found = readPoints(collector.metricsFile).filter(ofService)
        return found.length === 5 && found
      })
      const times = { startTimeUnixNano: '1795411000250000000', timeUnixNano: '1795411060500000000' }
      const attributes = { route: '/ü', code: 200 }
      const one = (name, type, fields) => ({
        name,
        type,
        unit: 's',
        description: 'd',
        attributes,
        ...times,
        ...fields,
      })
      assert.deepEqual(points.map(comparablePoint), [
        one('counted', 'sum', { asDouble: 7, isMonotonic: true, temporality: 2 }),
        one('updown', 'sum', { asDouble: -2.5, temporality: 2 }),
        one('heat', 'gauge', { asDouble: 0.5 }),
        one('time', 'histogram', {
          temporality: 2,
          count: '6',
          sum: 12.5,
          explicitBounds: [0.1, 1],
          bucketCounts: ['1', '2', '3'],
          exemplars: [
            {
              timeUnixNano: '1795411000000000000',
              asDouble: 0.5,
              traceId: 'f'.repeat(32),
              spanId: 'e'.repeat(16),
            },
          ],
        }),
        one('sizes', 'summary', {
          count: '4',
          sum: 10,
          quantileValues: [
            { quantile: 0.5, value: 2 },
            { quantile: 0.99, value: 4 },
          ],
        }),
      ])
    })
  })
}

function record() {
  const links = [
    {
      context: { traceId: 'c'.repeat(32), spanId: 'd'.repeat(16), traceFlags: 1, isRemote: true },
      attributes: { why: 'batch' },
    },
  ]
  tracer.startActiveSpan('a root', { kind: 1, attributes: odd, links }, (span) => {
    span.addEvent('retried', { attempt: 2, after: 0.5 })
    span.recordException(new RangeError('too much'))
    tracer.span('b child', (child) => child.setStatus({ code: 1 }))
    tracer
      .startSpan('c failed', { kind: 2, startTime: [1_795_411_000, 1] })
      .setStatus({ code: 2, message: 'nö' })
      .end([1_795_411_001, 999_999_999])
    span.end()
  })
}

/** A span as the collector must write it, from what was recorded. */
function spanFields(span) {
  return set({
    name: span.name,
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    kind: span.kind + 1,
    flags: span.traceFlags | 0x100,
    startTimeUnixNano: nanos(span.startSeconds, span.startNanos),
    endTimeUnixNano: nanos(span.endSeconds, span.endNanos),
    status: set({ code: span.statusCode, message: span.statusMessage }),
    attributes: wellFormed(span.attributes),
    events: span.events.map(({ name, timeSeconds, timeNanos, attributes }) => ({
      name,
      timeUnixNano: nanos(timeSeconds, timeNanos),
      attributes: wellFormed(attributes),
    })),
    links: span.links.map(({ traceId, spanId, traceFlags, attributes }) => ({
      traceId,
      spanId,
      flags: traceFlags | 0x300,
      attributes: wellFormed(attributes),
    })),
    scope: span.scope.name,
  })
}

function wellFormed(list) {
  return Object.fromEntries(
    [...list].map(([key, value]) => [key, typeof value === 'string' ? value.toWellFormed() : value]),
  )
}

function comparableSpan({ resource, scope, status = {}, ...span }) {
  return set({ ...span, status: set(status), scope: scope.name })
}

function expectedLog(line, severityNumber, severityText, attributes) {
  const time = nanos(Math.floor(line.time / 1000), (line.time % 1000) * 1_000_000)
  return set({
    timeUnixNano: time,
    observedTimeUnixNano: time,
    severityNumber,
    severityText,
    body: line.msg,
    traceId: line.trace_id,
    spanId: line.span_id,
    flags: line.trace_flags && Number.parseInt(line.trace_flags, 16),
    attributes,
  })
}

function comparableLog({ resource, scope, ...record }) {
  return set(record)
}

function comparablePoint({ resource, scope, exemplars, ...point }) {
  return set({ ...point, exemplars: exemplars?.map(({ filteredAttributes, ...exemplar }) => exemplar) })
}

function everyKind() {
  const point = { attributes: ['route', '/ü', 'code', 200], startTimeUnixMs: 1_795_411_000_250 }
  const family = (name, type, fields) => ({
    name,
    type,
    naming: 'opentelemetry',
    description: 'd',
    unit: 's',
    points: [{ ...point, ...fields }],
  })
  const exemplar = {
    value: 0.5,
    timeUnixMs: 1_795_411_000_000,
    traceId: 'f'.repeat(32),
    spanId: 'e'.repeat(16),
  }
  const families = [
    family('counted', 'counter', { value: 7 }),
    family('updown', 'updowncounter', { value: -2.5 }),
    family('heat', 'gauge', { value: 0.5 }),
    family('time', 'histogram', {
      count: 6,
      sum: 12.5,
      bounds: [0.1, 1],
      bucketCounts: [1, 2, 3],
      exemplars: [undefined, exemplar],
    }),
    family('sizes', 'summary', {
      count: 4,
      sum: 10,
      quantiles: [
        { quantile: 0.5, value: 2 },
        { quantile: 0.99, value: 4 },
      ],
    }),
  ]
  return { families, failures: [], timeUnixMs: 1_795_411_060_500 }
}

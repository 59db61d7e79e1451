// What the exporter sends, in both formats, as the real Zipkin keeps it and as the collector's receiver reads it.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { AttributeList } from '@hashira/core'
import { createPipeline } from '@hashira/delivery'
import { zipkin as zipkinExporter } from '@hashira/exporter-zipkin'
import { goldenRecord, goldenSpans } from '@hashira/testing'
import { readSpans } from './collector/output.mjs'
import { given } from './given.mjs'
import { waitFor } from './wait-for.mjs'
import { ZipkinQuery } from './zipkin/query.mjs'

const { zipkin, collector, describe, it, before } = given('zipkin', 'collector')

const KINDS = [undefined, 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER']

async function send(endpoint, format, service, records) {
  const { traces } = zipkinExporter({ endpoint, format, compression: 'gzip' })
  const encoder = traces.createEncoder({
    attributes: new AttributeList(['service.name', service, 'service.version', '1.2.3']),
  })
  const pipeline = createPipeline({
    exporter: 'zipkin',
    signal: 'traces',
    encoder,
    transport: traces.transport,
  })
  for (const record of records) pipeline.append(record)
  await pipeline.shutdown(Date.now() + 20_000)
  const { ended, delivered, dropped } = pipeline.account()
  assert.deepEqual([delivered, dropped], [ended, {}])
}

/** Microseconds, as whole numbers. */
const startMicros = ({ startSeconds, startNanos }) => startSeconds * 1e6 + Math.floor(startNanos / 1e3)
const durationMicros = ({ startSeconds, startNanos, endSeconds, endNanos }) =>
  Math.max(1, Math.floor((endSeconds - startSeconds) * 1e6 + (endNanos - startNanos) / 1e3))
const utf8 = (text) => Buffer.from(text, 'utf8').toString('utf8')

function expectedTags(record) {
  const text = (value) =>
    Array.isArray(value)
      ? JSON.stringify(value.map((one) => (Number.isNaN(one) ? 'NaN' : one)))
      : utf8(String(value))
  const { statusCode, statusMessage, attributes, droppedEventsCount, droppedLinksCount } = record
  return {
    'service.version': '1.2.3',
    ...Object.fromEntries([...attributes].map(([key, value]) => [utf8(key), text(value)])),
    'otel.scope.name': '@hashira/conformance',
    'otel.scope.version': '1.2.3',
    'otel.library.name': '@hashira/conformance',
    'otel.library.version': '1.2.3',
    ...(statusCode === 1 && { 'otel.status_code': 'OK' }),
    ...(statusCode === 2 && { 'otel.status_code': 'ERROR', error: statusMessage ?? '' }),
    ...(attributes.droppedCount > 0 && { 'otel.dropped_attributes_count': String(attributes.droppedCount) }),
    ...(droppedEventsCount > 0 && { 'otel.dropped_events_count': String(droppedEventsCount) }),
    ...(droppedLinksCount > 0 && { 'otel.dropped_links_count': String(droppedLinksCount) }),
  }
}

function expectedAnnotations({ events }) {
  return events.map(({ name, timeSeconds, timeNanos, attributes }) => ({
    timestamp: timeSeconds * 1e6 + Math.floor(timeNanos / 1e3),
    value: attributes.size === 0 ? name : `"${name}":${JSON.stringify(attributes.toObject())}`,
  }))
}

for (const format of ['json', 'protobuf']) {
  describe(`golden spans as Zipkin ${format}`, () => {
    const service = `conformance-${randomBytes(4).toString('hex')}`
    const golden = goldenSpans()
    const records = golden.map(({ record }) => record)
    const [{ traceId }] = records

    describe('in the real Zipkin', () => {
      const query = new ZipkinQuery(zipkin.url)
      let stored

      before(async () => {
        await send(`${zipkin.url}/api/v2/spans`, format, service, records)
        stored = await waitFor('the trace', async () => {
          const spans = await query.trace(traceId)
          return spans?.length === records.length && spans
        })
      })

      for (const { title, record } of golden) {
        it(`${title}: every field`, () => {
          const { annotations = [], ...span } = stored.find(({ id }) => id === record.spanId)
          const name = utf8(record.name).toLowerCase()
          const { remoteEndpoint, ...rest } = span
          assert.deepEqual(rest, {
            traceId,
            ...(record.parentSpanId && { parentId: record.parentSpanId }),
            id: record.spanId,
            ...(record.kind > 0 && { kind: KINDS[record.kind] }),
            ...(name && { name }),
            timestamp: startMicros(record),
            duration: durationMicros(record),
            localEndpoint: { serviceName: service },
            tags: expectedTags(record),
          })
          assert.deepEqual(byTime(annotations), byTime(expectedAnnotations(record)))
          const remote = title === 'child' ? { serviceName: 'db.example', port: 5432 } : undefined
          assert.deepEqual(remoteEndpoint, remote)
        })
      }

      it('draws its map of services, with what failed', async () => {
        const peer = `stock-${randomBytes(4).toString('hex')}`
        const attributes = new AttributeList(['peer.service', peer])
        const client = goldenRecord({ kind: 2, attributes, statusCode: 2 })
        await send(`${zipkin.url}/api/v2/spans`, format, service, [client])
        const link = await waitFor('the link', async () =>
          (await query.dependencies()).find(({ child }) => child === peer),
        )
        assert.deepEqual(link, { parent: service, child: peer, callCount: 1, errorCount: 1 })
      })

      it('takes a trace that began with 64 bits', async () => {
        const id = randomBytes(8).toString('hex')
        await send(`${zipkin.url}/api/v2/spans`, format, service, [
          goldenRecord({ traceId: `0000000000000000${id}` }),
        ])
        const [span] = await waitFor('the trace', () => query.trace(id))
        assert.equal(span.traceId, id)
      })
    })

    describe("in the collector's receiver", () => {
      let received

      before(async () => {
        await send(`${collector.zipkinUrl}/api/v2/spans`, format, service, records)
        received = await waitFor('the trace', () => {
          const spans = readSpans(collector.tracesFile).filter(
            ({ resource }) => resource['service.name'] === service,
          )
          return spans.length === records.length && spans
        })
      })

      for (const { title, record } of golden) {
        it(`${title}: every field`, () => {
          const span = received.find(({ spanId }) => spanId === record.spanId)
          assert.equal(span.traceId, traceId)
          assert.equal(span.parentSpanId || undefined, record.parentSpanId)
          assert.equal(span.name ?? '', utf8(record.name))
          assert.equal(BigInt(span.startTimeUnixNano) / 1000n, BigInt(startMicros(record)))
          const nanos = BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)
          assert.equal(nanos, BigInt(durationMicros(record)) * 1000n)
          if (record.kind > 0) assert.equal(span.kind, record.kind + 1)
          // The receiver takes OK for unset: it knows it as STATUS_CODE_OK only.
          assert.equal(span.status?.code ?? 0, record.statusCode === 2 ? 2 : 0)
          if (record.statusCode === 2) assert.equal(span.attributes.error, record.statusMessage ?? '')
          assert.deepEqual(
            byTime(
              span.events.map(({ timeUnixNano, name }) => ({
                timestamp: Number(BigInt(timeUnixNano) / 1000n),
                value: name,
              })),
            ),
            byTime(expectedAnnotations(record)),
          )
          // The receiver reads tags back into the fields and the resource that they came from.
          const attributes = { ...span.resource, ...span.attributes }
          for (const [key, value] of Object.entries(expectedTags(record)))
            if (!/^otel\.|^error$/.test(key)) assert.equal(String(attributes[key]), value, key)
          assert.deepEqual([span.scope.name, span.scope.version], ['@hashira/conformance', '1.2.3'])
        })
      }
    })
  })
}

/** Zipkin orders and unites annotations. */
function byTime(annotations) {
  return annotations
    .map((annotation) => JSON.stringify(annotation))
    .sort()
    .map((text) => JSON.parse(text))
}

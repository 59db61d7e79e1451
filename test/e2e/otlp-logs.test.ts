import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { AttributeList, type LogEncoder } from '@hashira/core'
import { OtlpJsonLogEncoder, OtlpLogEncoder, otlp } from '@hashira/exporter-otlp'
import { configureLogs, createLogger } from '@hashira/logs'
import { tracer } from '@hashira/tracing'
import fc from 'fast-check'
import { start } from 'hashira'
import { decodeLogs, type Message, parseJson } from '../../packages/exporter-otlp/test/otlp-schema.js'

const nowhere = { write: () => {} }
const resource = { attributes: new AttributeList(['service.name', 'shop']) }

const formats: [string, LogEncoder, (bytes: Uint8Array) => Message][] = [
  ['protobuf', new OtlpLogEncoder(resource), decodeLogs],
  ['json', new OtlpJsonLogEncoder(resource), parseJson],
]

for (const [format, encoder, decode] of formats) {
  describe(`what a logger writes, as OTLP ${format}`, () => {
    const refused: unknown[] = []
    beforeEach(() => {
      const append: LogEncoder['append'] = (record) => {
        try {
          encoder.append(record)
        } catch (error) {
          refused.push(error)
        }
      }
      configureLogs({ sinks: [{ append, refuse: () => {} }] })
    })
    afterEach(() => configureLogs({ sinks: [] }))

    const takeOne = (): Message => {
      assert.equal(encoder.itemCount, 1)
      return decode(encoder.take().bytes).resourceLogs[0].scopeLogs[0].logRecords[0]
    }

    it('is the error with its cause, redacted fields, deep objects and BigInts', () => {
      const logger = createLogger({ base: null, redact: ['card.number'] }, nowhere)
      const err = new TypeError('declined', { cause: new Error('no funds') })
      const card = { number: '4242424242424242', holder: { name: 'A' } }
      logger.error({ err, card, count: 12n, ids: [1, 2], mixed: [1, 'x'] }, 'failed')
      const record = takeOne()
      assert.ok(!JSON.stringify(record).includes('4242'))
      const found = Object.fromEntries(record.attributes.map(({ key, value }: Message) => [key, value]))
      const { 'exception.stacktrace': stack, ...rest } = found
      assert.match(stack.stringValue, /caused by: Error: no funds/)
      assert.deepEqual(rest, {
        'exception.type': { stringValue: 'TypeError' },
        'exception.message': { stringValue: 'declined: no funds' },
        'card.number': { stringValue: '[Redacted]' },
        'card.holder.name': { stringValue: 'A' },
        count: { intValue: '12' },
        ids: { arrayValue: { values: [{ intValue: '1' }, { intValue: '2' }] } },
        mixed: { stringValue: '[1,"x"]' },
      })
    })

    it('is never refused', (t) => {
      const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 2 ** 31)
      t.diagnostic(`seed ${seed}`)
      const logger = createLogger({}, nowhere)
      const text = fc.string({ unit: 'binary' })
      // Pino itself throws for names that `Object.prototype` has.
      const key = text.filter((name) => !(name in {}))
      const value = fc.object({ key, maxDepth: 10, withBigInt: true, withDate: true, withTypedArray: true })
      const property = fc.property(value, text, (object, message) => {
        logger.info(object, message)
        assert.equal(takeOne().severityNumber, 9)
      })
      fc.assert(property, { seed, numRuns: 200 })
      assert.deepEqual(refused, [])
    })
  })
}

describe('logs over OTLP, started by start()', () => {
  const bodies: { path: string | undefined; body: Buffer }[] = []
  let server: Server
  let endpoint: string
  before(async () => {
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      bodies.push({ path: request.url, body: Buffer.concat(chunks) })
      response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(() => server.close())

  it('carry the trace of their span, the resource, and end with shutdown', async () => {
    const hashira = start({
      serviceName: 'shop',
      quiet: true,
      exporters: [],
      logsExporters: [otlp({ endpoint })],
      tracesExporters: [otlp({ endpoint })],
      logAttributeCountLimit: 2,
    })
    const logger = createLogger({}, nowhere)
    const { traceId, spanId } = tracer.span('charge', (span) => {
      logger.warn({ a: 1, b: 2, c: 3 }, 'charging')
      return span.spanContext()
    })
    const { exporters } = await hashira.shutdown()
    const account = exporters.find(({ signal }) => signal === 'logs')
    assert.deepEqual([account?.ended, account?.delivered, account?.pending], [1, 1, 0])
    logger.warn('after shutdown')

    const [{ resource: described, scopeLogs }] = bodies
      .filter(({ path }) => path === '/v1/logs')
      .flatMap(({ body }) => decodeLogs(body).resourceLogs)
    const service = described.attributes.find(({ key }: Message) => key === 'service.name')
    assert.equal(service.value.stringValue, 'shop')
    const [record, ...more] = scopeLogs[0].logRecords
    assert.deepEqual(more, [])
    assert.deepEqual([record.traceId, record.spanId], [traceId, spanId])
    assert.equal(record.flags & 1, 1)
    assert.deepEqual([record.severityNumber, record.severityText], [13, 'warn'])
    assert.deepEqual([record.attributes.length, record.droppedAttributesCount], [2, 1])
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AttributeList, type SpanRecord } from '@hashira/core'
import { xray } from '@hashira/exporter-xray'
import type { AttributeValue } from '@opentelemetry/api'
import fc from 'fast-check'
import { splitIntoDatagrams } from '../dist/daemon-framing'
import { anyRecord, type Document } from './support'

// What the encoder looks for, so that random values reach every block.
const KNOWN =
  `http.request.method http.response.status_code url.full url.path url.scheme server.address server.port client.address
  http.method http.status_code http.url http.target http.host net.peer.ip user_agent.original http.response.header.content-length
  db.system.name db.system db.namespace db.query.text db.connection_string db.user rpc.system rpc.service rpc.method aws.service
  aws.remote.service aws.dynamodb.table_names aws.sqs.queue.url aws.xray.annotations annotation.x annotation. aws.xray.metadata.a
  aws.xray.metadata. peer.service enduser.id error.type messaging.destination.name __proto__ constructor`
    .split(/\s+/)
    .filter(Boolean)
const TELLING = [
  'postgresql',
  'aws-api',
  'GET',
  '{"a":{"b":null}}',
  '[1]',
  429,
  503,
  '12',
  ['12'],
  'http://u:p@h:1/p?q#f',
]

const knownValues = fc.dictionary(
  fc.constantFrom(...KNOWN),
  fc.oneof(
    fc.constantFrom<unknown>(...TELLING),
    fc.string({ unit: 'grapheme' }),
    // Lone surrogates as well.
    fc.array(fc.integer({ min: 0, max: 0xffff })).map((codes) => String.fromCharCode(...codes)),
    fc.double(),
    fc.boolean(),
    fc.array(fc.option(fc.string(), { nil: null })),
  ),
)
const stack = fc
  .array(
    fc.oneof(
      fc.constantFrom('    at f (/a.js:1:2)', '  [cause]: E: m {', 'Error: x', '    at '),
      fc.string(),
    ),
    {
      maxLength: 80,
    },
  )
  .map((lines) => lines.join('\n'))

const anySpan: fc.Arbitrary<SpanRecord> = fc
  .tuple(anyRecord, knownValues, fc.option(stack, { nil: undefined }))
  .map(([record, known, trace]) => {
    const attributes = new AttributeList()
    for (const [key, value] of [...record.attributes, ...Object.entries(known)])
      attributes.set(key, value as AttributeValue)
    const thrown = new AttributeList(['exception.type', 'E', 'exception.stacktrace', trace ?? ''])
    const exception = { name: 'exception', timeSeconds: 1, timeNanos: 0, attributes: thrown }
    return {
      ...record,
      attributes,
      events: trace === undefined ? record.events : [...record.events, exception],
    }
  })

const HEADER = '{"format":"json","version":1}\n'
const NAME = /^[\p{L}\p{N}\s_.:/%&#=+\\\-@]{1,200}$/u

function check(document: Document, record: SpanRecord): void {
  assert.match(document['name'], NAME)
  assert.match(document['trace_id'], /^1-[0-9a-f]{8}-[0-9a-f]{24}$/)
  assert.equal(document['trace_id'].replace(/^1-|-/g, ''), record.traceId)
  assert.match(document['id'], /^[0-9a-f]{16}$/)
  assert.equal(typeof document['start_time'], 'number')
  assert.equal(typeof document['end_time'], 'number')
  assert.ok([undefined, 'aws', 'remote'].includes(document['namespace']))
  for (const [key, value] of Object.entries(document['annotations'] ?? {})) {
    assert.match(key, /^[A-Za-z0-9_]{1,500}$/)
    assert.ok(['string', 'number', 'boolean'].includes(typeof value))
  }
  const exceptions: Document[] = document['cause']?.exceptions ?? []
  assert.equal(new Set(exceptions.map(({ id }) => id)).size, exceptions.length)
  for (const { cause } of exceptions)
    assert.ok(cause === undefined || exceptions.some(({ id }) => id === cause))
}

describe('the encoders, whatever the spans', () => {
  const settings = fc.record({
    indexAllAttributes: fc.boolean(),
    collectSqlQueries: fc.boolean(),
    annotations: fc.subarray(KNOWN),
  })
  const resource = fc
    .dictionary(
      fc.constantFrom('cloud.provider', 'cloud.platform', 'host.id', 'aws.log.group.names', 'x'),
      fc.string(),
    )
    .map((values) => ({ attributes: new AttributeList(Object.entries(values).flat()) }))

  it('never throw, and make valid documents within the limit, one datagram each', () => {
    fc.assert(
      fc.property(
        fc.array(anySpan, { minLength: 1, maxLength: 5 }),
        settings,
        resource,
        (records, given, from) => {
          const encoder = xray(given).traces!.createEncoder(from)
          for (const record of records) encoder.append(record)
          assert.equal(encoder.itemCount, records.length)
          const { bytes, itemCount } = encoder.take()
          assert.equal(itemCount, records.length)
          const datagrams = [...splitIntoDatagrams(bytes)]
          let at = 0
          for (const datagram of datagrams) {
            const text = Buffer.from(datagram.bytes).toString()
            assert.ok(text.startsWith(HEADER))
            assert.ok(datagram.bytes.byteLength <= 65_507, `${datagram.bytes.byteLength} bytes`)
            assert.equal(text.indexOf('\n', HEADER.length), -1)
            check(JSON.parse(text.slice(HEADER.length)), records[at]!)
            at += datagram.itemCount
          }
          assert.equal(at, records.length, 'each span counts with its last datagram')
        },
      ),
      { numRuns: 300 },
    )
  })

  it('make a PutTraceSegments body of the same documents', () => {
    fc.assert(
      fc.property(fc.array(anySpan, { minLength: 1, maxLength: 3 }), (records) => {
        const from = { attributes: new AttributeList() }
        const daemon = xray({}).traces!.createEncoder(from)
        const api = xray({
          via: 'api',
          region: 'eu-west-1',
          credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
        }).traces!.createEncoder(from)
        for (const record of records) {
          daemon.append(record)
          api.append(record)
        }
        const { TraceSegmentDocuments } = JSON.parse(Buffer.from(api.take().bytes).toString())
        const sent = [...splitIntoDatagrams(daemon.take().bytes)].map(({ bytes }) =>
          Buffer.from(bytes).toString().slice(HEADER.length),
        )
        assert.deepEqual(TraceSegmentDocuments, sent)
      }),
      { numRuns: 100 },
    )
  })
})

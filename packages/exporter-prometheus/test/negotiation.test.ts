import assert from 'node:assert/strict'
import { test } from 'node:test'
import { acceptsGzip, negotiateFormat } from '../dist/negotiation.js'

const TEXT = 'text/plain; version=0.0.4; charset=utf-8'
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores'
const OPENMETRICS_001 = 'application/openmetrics-text; version=0.0.1; charset=utf-8'

const PROMETHEUS_3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1'
const PROMETHEUS_3_PROTOBUF = `application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,${PROMETHEUS_3}`
const PROMETHEUS_2 =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'

const VECTORS: readonly [accept: string | undefined, type: string][] = [
  [undefined, TEXT],
  ['', TEXT],
  ['*/*', TEXT],
  ['text/*', TEXT],
  ['text/plain', TEXT],
  ['text/plain;version=0.0.4', TEXT],
  ['Text/Plain; Version="0.0.4"; q=1', TEXT],
  ['text/plain;version=1.0.0', TEXT],
  ['text/plain;version=1.0.0, application/openmetrics-text;version=1.0.0;q=0.1', OPENMETRICS],
  ['application/openmetrics-text', OPENMETRICS],
  ['application/openmetrics-text;version=1.0.0', OPENMETRICS],
  ['application/openmetrics-text;version=0.0.1', OPENMETRICS_001],
  ['application/openmetrics-text;version=2.0.0', TEXT],
  ['application/openmetrics-text;version=1.0.0;q=0.2,text/plain;version=0.0.4;q=0.5', TEXT],
  ['application/openmetrics-text;version=1.0.0;q=0,text/plain;q=0.1', TEXT],
  ['application/openmetrics-text;version=1.0.0;q=0', TEXT],
  ['application/json', TEXT],
  ['application/openmetrics-text;q=bad', TEXT],
  [',;,=,;q', TEXT],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8', TEXT],
  [PROMETHEUS_2, OPENMETRICS],
  [PROMETHEUS_3, OPENMETRICS],
  [PROMETHEUS_3_PROTOBUF, OPENMETRICS],
]

for (const [accept, type] of VECTORS) {
  test(`Accept: ${accept ?? '(none)'}`, () => assert.equal(negotiateFormat(accept).contentType, type))
}

test('gzip is used when it is accepted', () => {
  for (const header of ['gzip', 'GZIP', 'br, gzip;q=0.5', 'deflate,gzip;q=1.0'])
    assert.ok(acceptsGzip(header), header)
  for (const header of [undefined, '', 'br', 'gzip;q=0', 'identity', 'gzipped'])
    assert.ok(!acceptsGzip(header), header)
})

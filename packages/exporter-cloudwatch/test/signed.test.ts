import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { AttributeList, type LogRecord, type MetricSnapshot, type PushLogs } from '@hashira/core'
import { createMetricPipeline, createPipeline } from '@hashira/delivery'
import { type CloudWatchOptions, cloudwatch } from '@hashira/exporter-cloudwatch'
import { decodeLogs, decodeMetrics } from '../../exporter-otlp/test/otlp-schema'
import { AwsEndpoint, awsError } from './aws-endpoint'
import { readEmf } from './emf-rules'
import { at, counter, credentials, durations, family, pushOf, red, resource, snapshotOf } from './support'

const SNAPSHOT = snapshotOf(counter('n', 4), counter('m', 5, ['queue', 'a']))

describe('signed requests', () => {
  let endpoint: AwsEndpoint
  let url: string
  beforeEach(async () => {
    endpoint = new AwsEndpoint()
    url = await endpoint.start()
  })
  afterEach(() => endpoint.stop())

  const optionsOf = (given: CloudWatchOptions) => ({
    endpoint: url,
    region: 'eu-west-1',
    credentials,
    ...given,
  })
  const pipelineOf = (given: CloudWatchOptions, snapshot: MetricSnapshot = SNAPSHOT) =>
    createMetricPipeline({
      exporter: 'cloudwatch',
      push: pushOf(optionsOf(given)),
      resource,
      collect: async () => snapshot,
      retry: { initialMs: 5, maxMs: 20 },
    })
  const send = async (given: CloudWatchOptions, snapshot?: MetricSnapshot) => {
    const pipeline = pipelineOf(given, snapshot)
    await pipeline.shutdown(Date.now() + 20_000)
    return pipeline.account()
  }
  const actions = () => endpoint.calls.map(({ action }) => action)

  it('PutMetricData: awsJson1.0 and gzip', async () => {
    const { delivered, dropped } = await send({ via: 'putMetricData', namespace: 'Shop' })
    assert.deepEqual([delivered, dropped], [2, {}])
    const [{ action, scope, headers, json }] = endpoint.calls as [(typeof endpoint.calls)[0]]
    assert.equal(action, 'PutMetricData')
    assert.match(scope, /^\d{8}\/eu-west-1\/monitoring\/aws4_request$/)
    assert.equal(headers['content-type'], 'application/x-amz-json-1.0')
    assert.equal(headers['content-encoding'], 'gzip')
    const Dimensions = [
      { Name: 'Service', Value: 'shop' },
      { Name: 'Environment', Value: 'prod' },
    ]
    const common = { Dimensions, Timestamp: 1_790_000_000.123, Unit: 'Count' }
    const MetricData = [
      { MetricName: 'n', ...common, Value: 4 },
      { MetricName: 'm', ...common, Value: 5 },
    ]
    assert.deepEqual(json, { Namespace: 'Shop', MetricData })
  })

  it('throttling is tried again, what AWS refuses is a drop that says why', async () => {
    let left = 2
    endpoint.answer = () => (left-- > 0 ? awsError('ThrottlingException') : {})
    const throttled = await send({ via: 'putMetricData' })
    assert.deepEqual([throttled.delivered, throttled.retries, throttled.dropped], [2, 2, {}])
    endpoint.answer = () => awsError('InvalidParameterValue')
    const refused = await send({ via: 'putMetricData' })
    assert.deepEqual([refused.delivered, refused.dropped], [0, { http_400: 2 }])
    assert.match(String(refused.lastError), /InvalidParameterValue: about/)
    assert.doesNotMatch(JSON.stringify(refused), /secret|token/)
  })

  it('PutLogEvents makes the group and the stream that are missing, once', async () => {
    const made = new Set<string>()
    endpoint.answer = ({ action, json }) => {
      const { logGroupName, logStreamName } = json
      if (action === 'CreateLogGroup') made.add(logGroupName)
      else if (!made.has(logGroupName)) return awsError('ResourceNotFoundException')
      else if (action === 'CreateLogStream') made.add(logStreamName)
      else if (!made.has(logStreamName)) return awsError('ResourceNotFoundException')
      return {}
    }
    const { delivered, dropped, retries } = await send({ via: 'logs', logGroupName: '/shop/metrics' })
    assert.deepEqual([delivered, dropped, retries], [2, {}, 0])
    assert.deepEqual(actions(), [
      'PutLogEvents',
      'CreateLogStream',
      'CreateLogGroup',
      'CreateLogStream',
      'PutLogEvents',
    ])
    assert.deepEqual([...made], ['/shop/metrics', 'h1'])
    const { json, scope, headers } = endpoint.calls.at(-1)!
    assert.match(scope, /\/logs\/aws4_request$/)
    assert.equal(headers['content-type'], 'application/x-amz-json-1.1')
    const metrics = json.logEvents.flatMap(({ message }: { message: string }) => readEmf(message))
    assert.deepEqual(
      metrics.map(({ name }: { name: string }) => name),
      ['n', 'm'],
    )
    // That is told by the request, not in the document.
    assert.equal(JSON.parse(json.logEvents[0].message)._aws.LogGroupName, undefined)
  })

  it('another process may be first to make them', async () => {
    let missing = true
    endpoint.answer = ({ action }) => {
      if (action === 'PutLogEvents' && missing) return awsError('ResourceNotFoundException')
      if (action === 'CreateLogStream') missing = false
      return action.startsWith('Create') ? awsError('ResourceAlreadyExistsException') : {}
    }
    assert.equal((await send({ via: 'logs' })).delivered, 2)
    assert.deepEqual(actions(), ['PutLogEvents', 'CreateLogStream', 'PutLogEvents'])
  })

  it('who may not make them is told', async () => {
    endpoint.answer = ({ action }) =>
      awsError(action === 'CreateLogGroup' ? 'AccessDeniedException' : 'ResourceNotFoundException')
    const { delivered, dropped, lastError } = await send({ via: 'logs' })
    assert.deepEqual([delivered, dropped], [0, { http_400: 2 }])
    assert.match(String(lastError), /AccessDeniedException/)
  })

  it('events that Logs refuses are dropped, the others are delivered', async () => {
    const points = Array.from({ length: 10 }, (_, i) => ({ ...at(['i', i]), value: i }))
    const snapshot = snapshotOf(
      family({ name: 'g', type: 'gauge', points }),
      red(durations('/', 200, [1, 0, 0, 0], 0.1)),
    )
    const answerWith = (rejectedLogEventsInfo: object) => {
      endpoint.answer = () => ({ body: JSON.stringify({ rejectedLogEventsInfo }) })
    }
    // The last of 11 events holds three metrics.
    answerWith({ tooNewLogEventStartIndex: 9 })
    const tooNew = await send({ via: 'logs' }, snapshot)
    assert.deepEqual([tooNew.delivered, tooNew.dropped], [9, { rejected: 4 }])
    answerWith({ tooOldLogEventEndIndex: 2, expiredLogEventEndIndex: 5 })
    const tooOld = await send({ via: 'logs' }, snapshot)
    assert.deepEqual([tooOld.delivered, tooOld.dropped], [8, { rejected: 5 }])
    assert.match(String(tooOld.lastError), /tooOldLogEventEndIndex 2, expiredLogEventEndIndex 5/)
  })

  it("OTLP metrics, decoded by OpenTelemetry's schema", async () => {
    const snapshot = snapshotOf(red(durations('/a', 200, [1, 2, 0, 0], 0.4)))
    assert.equal((await send({ via: 'otlp' }, snapshot)).delivered, 1)
    const [{ action, scope, headers, body }] = endpoint.calls as [(typeof endpoint.calls)[0]]
    assert.equal(action, '/v1/metrics')
    assert.match(scope, /\/monitoring\/aws4_request$/)
    assert.equal(headers['content-type'], 'application/x-protobuf')
    const [{ resource: sent, scopeMetrics }] = decodeMetrics(body).resourceMetrics
    assert.ok(sent.attributes.some(({ key }: { key: string }) => key === 'service.name'))
    const [{ name, histogram }] = scopeMetrics[0].metrics
    assert.deepEqual([name, histogram.aggregationTemporality], ['http.server.request.duration', 2])
    assert.deepEqual(histogram.dataPoints[0].bucketCounts.map(Number), [1, 2, 0, 0])
  })

  it('OTLP partial success is counted', async () => {
    endpoint.answer = () => ({
      body: JSON.stringify({ partialSuccess: { rejectedDataPoints: 1, errorMessage: 'too many labels' } }),
    })
    const { delivered, dropped } = await send({ via: 'otlp' })
    assert.deepEqual([delivered, dropped], [1, { rejected: 1 }])
  })

  it('OTLP logs go where group and stream are named', async () => {
    assert.equal(cloudwatch(optionsOf({ via: 'otlp' })).logs, undefined)
    const exporter = cloudwatch(optionsOf({ via: 'otlp', logGroupName: 'g', logStreamName: 's' }))
    const { transport, limits, createEncoder } = exporter.logs as PushLogs
    const encoder = createEncoder(resource)
    const pipeline = createPipeline({ exporter: 'cloudwatch', signal: 'logs', encoder, transport, limits })
    pipeline.append(logRecord())
    await pipeline.shutdown(Date.now() + 20_000)
    assert.equal(pipeline.account().delivered, 1, String(pipeline.account().lastError))
    const [{ action, scope, headers, body }] = endpoint.calls as [(typeof endpoint.calls)[0]]
    assert.equal(action, '/v1/logs')
    assert.match(scope, /\/logs\/aws4_request$/)
    assert.deepEqual([headers['x-aws-log-group'], headers['x-aws-log-stream']], ['g', 's'])
    assert.equal(decodeLogs(body).resourceLogs[0].scopeLogs[0].logRecords[0].body.stringValue, 'hello')
  })
})

function logRecord(): LogRecord {
  return {
    ...{ timeSeconds: 1_790_000_000, timeNanos: 0, severityNumber: 9, severityText: 'info', body: 'hello' },
    ...{ attributes: new AttributeList(), traceId: undefined, spanId: undefined, traceFlags: 0 },
    scope: { name: 'test', version: undefined, schemaUrl: undefined },
  }
}

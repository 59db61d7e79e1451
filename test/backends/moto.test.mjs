// Checks the harness itself: what goes into moto's CloudWatch, Logs and X-Ray comes back.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { given } from './given.mjs'
import { MotoApi } from './moto/api.mjs'

const { moto, describe, it } = given('moto')

const suffix = randomBytes(4).toString('hex')

describe('the AWS API of moto', () => {
  const aws = new MotoApi(moto.url)

  it('keeps metrics', async () => {
    const namespace = `Shop-${suffix}`
    const Dimensions = [{ Name: 'Route', Value: '/cart' }]
    const MetricData = [2, 5].map((Value) => ({ MetricName: 'Latency', Dimensions, Value, Unit: 'Seconds' }))
    await aws.cloudwatch('PutMetricData', { Namespace: namespace, MetricData })
    assert.deepEqual(await aws.metrics(namespace), [
      { Namespace: namespace, MetricName: 'Latency', Dimensions },
    ])
    const points = await aws.statistics({ namespace, name: 'Latency', dimensions: { Route: '/cart' } })
    const total = (field) => points.reduce((sum, point) => sum + point[field], 0)
    assert.equal(total('SampleCount'), 2)
    assert.equal(total('Sum'), 7)
    assert.deepEqual(await aws.statistics({ namespace, name: 'Latency', dimensions: { Route: '/' } }), [])
  })

  it('keeps log events', async () => {
    const logGroupName = `/shop/${suffix}`
    const logStreamName = 'one'
    const timestamp = Date.now()
    await aws.logs('CreateLogGroup', { logGroupName })
    await aws.logs('CreateLogStream', { logGroupName, logStreamName })
    const logEvents = [{ timestamp, message: 'charged' }]
    await aws.logs('PutLogEvents', { logGroupName, logStreamName, logEvents })
    const [event] = await aws.logEvents(logGroupName)
    assert.equal(event.message, 'charged')
    assert.equal(event.timestamp, timestamp)
  })

  it('keeps segments', async () => {
    const startSeconds = Math.floor(Date.now() / 1000)
    const traceId = `1-${startSeconds.toString(16)}-${randomBytes(12).toString('hex')}`
    const segment = {
      trace_id: traceId,
      id: randomBytes(8).toString('hex'),
      name: 'shop',
      start_time: startSeconds,
      end_time: startSeconds + 0.25,
    }
    const documents = { TraceSegmentDocuments: [JSON.stringify(segment)] }
    assert.deepEqual(await aws.xray('/TraceSegments', documents), { UnprocessedTraceSegments: [] })
    assert.deepEqual(await aws.segments(traceId), [segment])
  })

  it('refuses by an error that says why', async () => {
    await assert.rejects(aws.logEvents(`/none/${suffix}`), /logs\/ answered 400: .*ResourceNotFoundException/)
  })
})

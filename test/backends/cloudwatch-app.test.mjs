// A whole app that is told of CloudWatch by its environment alone: what moto has afterwards are its requests and its own counter.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { given } from './given.mjs'
import { MotoApi } from './moto/api.mjs'

const { moto, describe, it } = given('moto')

const APP = `
import { observe } from '@hashira/express'
import express from 'express'
import { Counter } from 'prom-client'
const done = new Counter({ name: 'jobs_done', help: 'Jobs.', labelNames: ['queue'] })
const app = express()
app.use(observe())
app.get('/users/:id', (request, response) => {
  done.inc({ queue: 'mail' })
  response.status(request.params.id === '9' ? 503 : 200).json({})
})
const server = app.listen(0, '127.0.0.1', async () => {
  const url = 'http://127.0.0.1:' + server.address().port
  for (let i = 0; i < 10; i++) await (await fetch(url + '/users/' + i)).arrayBuffer()
  await (await fetch(url + '/nothing')).arrayBuffer()
  server.close()
  server.closeAllConnections()
})
`
const root = fileURLToPath(new URL('../..', import.meta.url))
const SERVICE = { Service: 'shop', Environment: 'staging' }
const USERS = { 'http.route': '/users/:id', 'http.request.method': 'GET' }

async function runApp(variables) {
  const env = {
    ...process.env,
    HASHIRA_EXPORTERS: 'cloudwatch',
    HASHIRA_CLOUDWATCH_ENDPOINT: moto.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test-secret-of-the-app',
    OTEL_SERVICE_NAME: 'shop',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=staging',
    HASHIRA_SHUTDOWN_TIMEOUT: '30000',
    ...variables,
  }
  const child = spawn(process.execPath, ['--input-type=module', '-e', APP], { cwd: root, env })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const [code] = await once(child, 'close')
  assert.equal(code, 0, output)
  assert.doesNotMatch(output, /test-secret-of-the-app/)
  return output
}

describe('an app', () => {
  it('by PutMetricData', async () => {
    const namespace = `App-${randomBytes(4).toString('hex')}`
    const output = await runApp({
      HASHIRA_CLOUDWATCH_VIA: 'putMetricData',
      AWS_EMF_NAMESPACE: namespace,
      HASHIRA_CLOUDWATCH_DIMENSIONS: 'jobs_done=queue',
    })
    assert.match(output, /metrics cloudwatch http:/)
    const api = new MotoApi(moto.url)
    const read = async (name, labels) => {
      const points = await api.statistics({ namespace, name, dimensions: { ...SERVICE, ...labels } })
      return ['SampleCount', 'Sum'].map((field) => points.reduce((sum, point) => sum + point[field], 0))
    }
    assert.deepEqual(await read('http.server.request.fault', USERS), [10, 1])
    assert.deepEqual(await read('http.server.request.error', USERS), [10, 0])
    const [requests, seconds] = await read('http.server.request.duration', USERS)
    assert.equal(requests, 10)
    assert.ok(seconds > 0 && seconds < 60, String(seconds))
    assert.equal((await read('jobs_done', { queue: 'mail' }))[1], 10)
  })

  it('by PutLogEvents', async () => {
    const logGroupName = `/app/${randomBytes(4).toString('hex')}`
    await runApp({ HASHIRA_CLOUDWATCH_VIA: 'logs', AWS_EMF_LOG_GROUP_NAME: logGroupName })
    const documents = (await new MotoApi(moto.url).logEvents(logGroupName)).map(({ message }) =>
      JSON.parse(message),
    )
    const users = documents.filter((document) => document['http.route'] === '/users/:id')
    assert.deepEqual(users.map((document) => document['http.response.status_code']).sort(), [200, 503])
    const unmatched = documents.find(
      (document) => document['http.response.status_code'] === 404 && document['url.scheme'],
    )
    assert.deepEqual(unmatched._aws.CloudWatchMetrics[0].Dimensions, [['Service', 'Environment']])
    assert.equal(unmatched['http.server.request.error'], 1)
    const jobs = documents.filter((document) => document.jobs_done !== undefined)
    assert.equal(
      jobs.reduce((sum, document) => sum + document.jobs_done, 0),
      10,
    )
    assert.ok(jobs.every(({ queue }) => queue === 'mail'))
  })
})

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { faultCounts } from '@hashira/core'
import { createServerObserver, operationOn } from '@hashira/http'
import { ask, close, listen } from './support/client'
import { durationSeries } from './support/recorded'

// In a file of its own: the first request of a process decides about labels and buckets.
test('labels of one’s own are bounded, read at the end, and may throw; buckets are one’s own', async () => {
  const observer = createServerObserver('observe()', {
    buckets: [0.5, 1],
    labels: {
      tenant: { value: (request) => request.headers['x-tenant'] as string, max: 2 },
      broken: () => {
        throw new Error('no label')
      },
      late: (request) => (request as { user?: string }).user,
    },
  })
  observer.declareLabel('tier')
  const server = createServer((request, response) => {
    observer.begin(request, response, request, response, request.url as string)
    const operation = operationOn(request)
    if (operation !== undefined)
      operation.routeLabels = { tier: request.url === '/gold' ? 'gold' : undefined }
    Object.assign(request, { user: 'someone' })
    response.end()
  })
  const port = await listen(server)
  for (const tenant of ['a', 'b', 'c', 'd']) await ask(port, '/', { headers: { 'x-tenant': tenant } })
  await ask(port, '/gold', { headers: { 'x-tenant': 'a' } })
  await close(server)

  const series = await durationSeries()
  const of = (labels: Record<string, unknown>) =>
    series
      .filter((one) => Object.entries(labels).every(([name, value]) => one.labels[name] === value))
      .reduce((sum, { count }) => sum + count, 0)
  assert.equal(of({ tenant: 'a' }), 2)
  assert.equal(of({ tenant: 'b' }), 1)
  assert.equal(of({ tenant: '_OTHER' }), 2)
  assert.equal(of({ tier: 'gold', tenant: 'a' }), 1)
  assert.equal(of({ late: 'someone' }), 5)
  assert.equal(of({ broken: undefined }), 5)
  assert.ok((faultCounts().get('label') ?? 0) >= 5)
})

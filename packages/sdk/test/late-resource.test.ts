import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { otlp } from '@hashira/exporter-otlp'
import { tracer } from '@hashira/tracing'
import { start } from 'hashira'

describe('what a metadata service tells', () => {
  it('is in the first batch, however soon it is full', async () => {
    const bodies: string[] = []
    const server = createServer((request, response) => {
      if (request.url!.startsWith('/v4')) {
        setTimeout(() => response.end(JSON.stringify({ DockerId: 'd'.repeat(64), Family: 'late' })), 100)
        return
      }
      request.setEncoding('utf8')
      let body = ''
      request.on('data', (chunk: string) => {
        body += chunk
      })
      request.on('end', () => {
        bodies.push(body)
        response.end('{}')
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    process.env['ECS_CONTAINER_METADATA_URI_V4'] = `${url}/v4/x`
    const hashira = start({
      exporters: [otlp({ endpoint: url, protocol: 'http/json' })],
      metricsExporters: [],
      quiet: true,
      handleSignals: false,
    })
    delete process.env['ECS_CONTAINER_METADATA_URI_V4']
    for (let i = 0; i < 1_200; i++) tracer.startSpan('early').end()
    const { exporters } = await hashira.shutdown()
    server.close()
    server.closeAllConnections()
    assert.deepEqual([exporters[0]!.ended, exporters[0]!.delivered], [1_200, 1_200])
    assert.ok(bodies.length > 0)
    for (const body of bodies) assert.match(body, /"aws.ecs.task.family","value":\{"stringValue":"late"\}/)
  })
})

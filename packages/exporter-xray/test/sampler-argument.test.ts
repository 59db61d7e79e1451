import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setDiagnosticSink } from '@hashira/core'
import { xraySampler } from '@hashira/exporter-xray'

describe('OTEL_TRACES_SAMPLER_ARG', () => {
  const endpointOf = (argument?: string) => String(xraySampler(argument))
  it('endpoint and polling_interval', () => {
    assert.equal(
      endpointOf('endpoint=http://localhost:2001,polling_interval=60'),
      'XraySampler{http://localhost:2001}',
    )
    assert.equal(endpointOf(), 'XraySampler{http://127.0.0.1:2000}')
    assert.equal(String(xraySampler({ endpoint: 'http://a:1' })), 'XraySampler{http://a:1}')
  })

  it('the TCP address of the daemon otherwise', () => {
    process.env['AWS_XRAY_DAEMON_ADDRESS'] = 'udp:a:1 tcp:b:2'
    try {
      assert.equal(endpointOf(), 'XraySampler{http://b:2}')
    } finally {
      delete process.env['AWS_XRAY_DAEMON_ADDRESS']
    }
  })

  it('what is wrong is one warning and the default', () => {
    const lines: string[] = []
    setDiagnosticSink((_level, line) => lines.push(line))
    try {
      assert.equal(
        endpointOf('endpoint=nowhere,polling_interval=x,other=1'),
        'XraySampler{http://127.0.0.1:2000}',
      )
      assert.equal(lines.length, 3)
      for (const line of lines) assert.match(line, /OTEL_TRACES_SAMPLER_ARG: /)
      assert.throws(() => xraySampler({ pollingIntervalSeconds: 0 }), { code: 'HASHIRA_OPTION_INVALID' })
    } finally {
      setDiagnosticSink(undefined)
    }
  })
})

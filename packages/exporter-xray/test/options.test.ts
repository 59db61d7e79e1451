import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type SamplerFactory, setDiagnosticSink } from '@hashira/core'
import { type XrayOptions, xray, xraySampler } from '@hashira/exporter-xray'
import { VERSION } from '../dist/version'
import { xrayOptionTable } from '../dist/xray-options'

const folder = join(__dirname, '..')
const limitsOf = (options?: XrayOptions) => xray(options).traces!.limits

describe('options of xray()', () => {
  it('are known, one and all, to the README', () => {
    const readme = readFileSync(join(folder, 'README.md'), 'utf8')
    for (const [name, { env }] of Object.entries(xrayOptionTable)) {
      const row = new RegExp(`^\\| \`${name}\` .*$`, 'm').exec(readme)?.[0]
      assert.ok(row, `${name} has no row`)
      for (const variable of env.filter((text) => text !== '')) assert.ok(row.includes(variable), variable)
    }
  })

  it('that are wrong throw; a wrong variable is a warning and the default', () => {
    assert.throws(() => xray({ via: 'pigeon' as never }), { code: 'HASHIRA_OPTION_INVALID' })
    assert.throws(() => xray({ wings: 2 } as never), { code: 'HASHIRA_OPTION_UNKNOWN' })
    const lines: string[] = []
    setDiagnosticSink((_level, line) => lines.push(line))
    process.env['AWS_XRAY_DAEMON_ADDRESS'] = 'udp:a:1'
    try {
      assert.equal(xray().traces!.transport.destination, 'udp://127.0.0.1:2000')
      assert.match(lines.join(), /AWS_XRAY_DAEMON_ADDRESS: "udp:a:1" is not an address such as/)
    } finally {
      delete process.env['AWS_XRAY_DAEMON_ADDRESS']
      setDiagnosticSink(undefined)
    }
  })

  it('set the limits, within what a daemon takes', () => {
    assert.deepEqual(limitsOf(), {
      maxInFlight: 1,
      maxBatchBytes: 65_536,
      maxBatchItems: 32,
      intervalMs: 1_000,
    })
    assert.equal(limitsOf({ maxBatchItems: 512 })?.maxBatchItems, 32)
    assert.equal(limitsOf({ maxBatchItems: 8, intervalMs: 5 })?.maxBatchItems, 8)
    const signed = { region: 'eu-west-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } }
    assert.equal(limitsOf({ via: 'api', ...signed })?.maxBatchItems, 50)
    assert.equal(limitsOf({ via: 'otlp', ...signed, maxBatchItems: 7 })?.maxBatchItems, 7)
  })
})

describe('the package', () => {
  it('knows its version', () => {
    assert.equal(VERSION, JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version)
  })

  it('brings what OTEL_TRACES_EXPORTER and OTEL_TRACES_SAMPLER look for', () => {
    const factory: SamplerFactory = xraySampler
    assert.equal(typeof factory().shouldSample, 'function')
    assert.equal(xray().name, 'xray')
  })
})

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setDiagnosticSink } from '@hashira/core'
import { datadog, datadogSampler } from '@hashira/exporter-datadog'
import { agentAddress } from '../dist/agent/agent-address.js'
import { readEntity } from '../dist/agent/entity.js'
import { datadogSettings } from '../dist/datadog-options.js'
import { dogstatsdAddress, parseDogstatsdUrl } from '../dist/dogstatsd/dogstatsd-address.js'
import { identityOf } from '../dist/spans/identity.js'
import { VERSION } from '../dist/version.js'
import { resource } from './records'

const ID = 'a'.repeat(64)

describe('options', () => {
  it('read Datadog variables, code first', () => {
    const env = {
      ...{
        DD_AGENT_HOST: 'agent',
        DD_TRACE_AGENT_PORT: '9126',
        DD_SERVICE: 'api',
        DD_ENV: 'prod',
        DD_VERSION: '7',
      },
      ...{
        DD_TAGS: 'team:core,region:eu:1',
        DD_TRACE_SAMPLE_RATE: '0.5',
        DD_TRACE_STATS_COMPUTATION_ENABLED: '0',
      },
      ...{ DD_TRACE_AGENT_PROTOCOL_VERSION: '0.5', OTEL_BSP_SCHEDULE_DELAY: '100' },
    }
    const settings = datadogSettings({ version: '8' }, env)
    assert.deepEqual(settings.agent, { url: 'http://agent:9126' })
    assert.deepEqual(settings.dogstatsd, { kind: 'udp', host: 'agent', port: 8_125 })
    assert.equal(settings.version, '0.5')
    assert.equal(settings.values.statistics, false)
    assert.equal(settings.sampler.sampleRate, 0.5)
    assert.equal(settings.limits.intervalMs, 100)
    assert.deepEqual(identityOf(resource, settings.identity), {
      ...{ service: 'api', env: 'prod', version: '8' },
      tags: [
        ['team', 'core'],
        ['region', 'eu:1'],
      ],
      resourceTags: [['host.name', 'hôte']],
    })
  })

  it('take service, environment and version from DD_TAGS and the resource in turn', () => {
    const { identity } = datadogSettings(undefined, { DD_TAGS: 'env:staging team:core' })
    const { service, env, version, tags } = identityOf(resource, identity)
    assert.deepEqual(
      { service, env, version, tags },
      {
        ...{ service: 'shop', env: 'staging', version: '1.2.3', tags: [['team', 'core']] },
      },
    )
  })

  it('throw for bad code, and warn once for a bad variable', () => {
    const bad = [
      { agentUrl: 'agent:8126' },
      { agentPort: 0 },
      { protocolVersion: '0.3' },
      { sampleRate: 2 },
      { dogstatsdUrl: 'tcp://x:1' },
      { tags: { a: 1 } },
      { unknown: true },
    ]
    for (const options of bad) assert.throws(() => datadog(options as object), { name: 'HashiraError' })
    const said: string[] = []
    const before = setDiagnosticSink((_level, text) => said.push(text))
    try {
      const { agent } = datadogSettings(undefined, {
        DD_TRACE_AGENT_URL: 'ftp://x',
        DD_TRACE_AGENT_PORT: 'many',
      })
      assert.deepEqual(agent, { url: 'http://127.0.0.1:8126' })
      assert.equal(said.length, 2)
      assert.match(said.join(), /DD_TRACE_AGENT_URL.*DD_TRACE_AGENT_PORT/s)
    } finally {
      setDiagnosticSink(before as Parameters<typeof setDiagnosticSink>[0])
    }
  })

  it('opens nothing, and says where everything goes', () => {
    const { name, traces, metrics, sampler } = datadog({ agentUrl: 'http://a:1', dogstatsdUrl: 'udp://b:2' })
    assert.equal(name, 'datadog')
    assert.equal(traces!.transport.destination, 'http://a:1')
    assert.equal(traces!.statistics!.transport.destination, 'http://a:1/v0.6/stats')
    assert.equal(traces!.statistics!.intervalMs, 10_000)
    assert.equal(
      metrics !== undefined && 'transport' in metrics && metrics.transport.destination,
      'udp://b:2',
    )
    assert.equal(typeof sampler!.sampleByTrace, 'function')
    assert.equal(typeof datadogSampler, 'function')
    assert.equal(datadog({ statistics: false }).traces!.statistics, undefined)
    assert.equal(datadog({ statistics: false }).traces!.observer, undefined)
  })
})

describe('addresses', () => {
  const none = join(tmpdir(), 'hashira-no-such-socket')

  it('of the trace agent: URL, host and port, the usual socket, the default', () => {
    const usual = join(tmpdir(), `apm-${process.pid}`)
    writeFileSync(usual, '')
    assert.deepEqual(agentAddress({}, none), { url: 'http://127.0.0.1:8126' })
    assert.deepEqual(agentAddress({}, usual), { url: 'http://localhost', socketPath: usual })
    assert.deepEqual(agentAddress({ agentHost: '::1' }, usual), { url: 'http://[::1]:8126' })
    assert.deepEqual(agentAddress({ agentUrl: 'unix:///x/y', agentHost: 'z' }, usual), {
      ...{ url: 'http://localhost', socketPath: '/x/y' },
    })
    assert.deepEqual(agentAddress({ agentUrl: 'https://a:1/' }, usual), { url: 'https://a:1' })
  })

  it('of DogStatsD', () => {
    assert.deepEqual(dogstatsdAddress({}, none), { kind: 'udp', host: '127.0.0.1', port: 8_125 })
    assert.deepEqual(dogstatsdAddress({ agentHost: 'a', dogstatsdPort: 9 }, none), {
      kind: 'udp',
      host: 'a',
      port: 9,
    })
    assert.deepEqual(parseDogstatsdUrl('udp://[::1]:99'), { kind: 'udp', host: '::1', port: 99 })
    assert.deepEqual(parseDogstatsdUrl('udp://h'), { kind: 'udp', host: 'h', port: 8_125 })
    assert.deepEqual(parseDogstatsdUrl('unix:///a'), { kind: 'unixgram', path: '/a' })
    assert.deepEqual(parseDogstatsdUrl('unixstream:///a'), { kind: 'unixstream', path: '/a' })
    for (const bad of ['udp://', 'udp://h:99999', 'http://h:1', 'unix://', 'h:1'])
      assert.equal(parseDogstatsdUrl(bad), undefined)
  })
})

describe('container', () => {
  const noInode = () => assert.fail('not asked')

  it('is known by its id, in the forms of Docker, Kubernetes, ECS and Fargate', () => {
    const task = `${'b'.repeat(32)}-1234`
    const forms = {
      [`13:name=systemd:/docker/${ID}`]: ID,
      [`1:name=systemd:/kubepods.slice/kubepods-burstable.slice/pod1/cri-containerd-${ID}.scope`]: ID,
      [`9:perf_event:/ecs/haissam-ecs-classic/5a0d5ceddf6c44c1928d367a815d890f/${ID}`]: ID,
      [`11:hugetlb:/ecs/${'c'.repeat(32)}/${task}`]: task,
      '1:name=systemd:/system.slice/garden.service/garden/6f265890-5165-7fab-6b52-18d1':
        '6f265890-5165-7fab-6b52-18d1',
    }
    for (const [cgroup, id] of Object.entries(forms))
      assert.deepEqual(
        readEntity(() => cgroup, noInode),
        { containerId: id, entityId: `ci-${id}` },
      )
  })

  it('is known by the inode of its cgroup where no id is to be seen', () => {
    const asked: string[] = []
    const entity = readEntity(
      () => '0::/my/group\n',
      (path) => {
        asked.push(path)
        return 1234
      },
    )
    assert.deepEqual(entity, { containerId: undefined, entityId: 'in-1234' })
    assert.deepEqual(asked, ['/sys/fs/cgroup/my/group'])
  })

  it('is none outside of Linux', () => {
    const fail = () => {
      throw new Error('ENOENT')
    }
    assert.deepEqual(readEntity(fail), { containerId: undefined, entityId: undefined })
  })
})

it('has the version of its package', () => {
  const manifest = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8'))
  assert.equal(VERSION, manifest.version)
})

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { AttributeList, isHashiraError, setDiagnosticSink } from '@hashira/core'
import { cloudWatchOptionTable, cloudwatch } from '@hashira/exporter-cloudwatch'
import { VERSION } from '../dist/version.js'
import { counter, credentials, documentsOf, linesOf, pushOf, resource, snapshotOf } from './support'

const VARIABLES = /^(?:AWS_|HASHIRA_|OTEL_|FLUENT_HOST)/
const SNAPSHOT = snapshotOf(counter('n', 1))

describe('options', () => {
  const saved = { ...process.env }
  const said: string[] = []
  beforeEach(() => {
    for (const name of Object.keys(process.env)) if (VARIABLES.test(name)) delete process.env[name]
    said.length = 0
    setDiagnosticSink((_, line) => said.push(line))
  })
  afterEach(() => {
    for (const name of Object.keys(process.env)) if (VARIABLES.test(name)) delete process.env[name]
    Object.assign(process.env, saved)
    setDiagnosticSink(undefined)
  })

  const destination = (env: Record<string, string> = {}, options = {}) => {
    Object.assign(process.env, env)
    const push = pushOf(options)
    for (const name of Object.keys(env)) delete process.env[name]
    return push.transport.destination
  }

  it('the way is the environment’s', () => {
    assert.equal(destination(), 'tcp://127.0.0.1:25888')
    assert.equal(destination({ AWS_LAMBDA_FUNCTION_NAME: 'f' }), 'stdout')
    assert.equal(destination({ AWS_EMF_ENVIRONMENT: 'Lambda' }), 'stdout')
    assert.equal(destination({ AWS_EMF_ENVIRONMENT: 'Local' }), 'stdout')
    assert.equal(
      destination({ AWS_EMF_ENVIRONMENT: 'ECS', AWS_LAMBDA_FUNCTION_NAME: 'f' }),
      'tcp://127.0.0.1:25888',
    )
    assert.equal(destination({ AWS_EMF_AGENT_ENDPOINT: 'udp://agent:1' }), 'udp://agent:1')
    assert.equal(
      destination({ AWS_EMF_AGENT_ENDPOINT: 'tcp://[::1]:1', AWS_LAMBDA_FUNCTION_NAME: 'f' }),
      'tcp://[::1]:1',
    )
    assert.equal(destination({ FLUENT_HOST: 'fluent' }), 'tcp://fluent:25888')
    assert.equal(
      destination({ FLUENT_HOST: 'fluent', AWS_EMF_AGENT_ENDPOINT: 'tcp://agent' }),
      'tcp://agent:25888',
    )
    assert.equal(destination({ HASHIRA_CLOUDWATCH_VIA: 'stdout', AWS_EMF_ENVIRONMENT: 'EC2' }), 'stdout')
    const aws = (via: string) =>
      destination({ HASHIRA_CLOUDWATCH_VIA: via, AWS_REGION: 'cn-north-1' }, { credentials })
    assert.equal(aws('putmetricdata'), 'https://monitoring.cn-north-1.amazonaws.com.cn/')
    assert.equal(aws('logs'), 'https://logs.cn-north-1.amazonaws.com.cn/')
    assert.equal(aws('otlp'), 'https://monitoring.cn-north-1.amazonaws.com.cn/v1/metrics')
    assert.deepEqual(said, [])
  })

  it('AWS’s variables say what documents are called', () => {
    const env = {
      AWS_EMF_NAMESPACE: 'Shop/EU',
      AWS_EMF_SERVICE_NAME: 'cart',
      AWS_EMF_SERVICE_TYPE: 'AWS::ECS::Container',
      AWS_EMF_LOG_GROUP_NAME: '/shop/cart',
      AWS_EMF_LOG_STREAM_NAME: 'blue',
      HASHIRA_CLOUDWATCH_RESOURCE_PROPERTIES: 'process.pid',
    }
    Object.assign(process.env, env)
    const [document] = documentsOf(SNAPSHOT)
    const { _aws: meta, ...members } = document
    assert.equal(meta.CloudWatchMetrics[0].Namespace, 'Shop/EU')
    assert.deepEqual([meta.LogGroupName, meta.LogStreamName], ['/shop/cart', 'blue'])
    assert.deepEqual(members, {
      Version: '1',
      Service: 'cart',
      Environment: 'prod',
      ServiceType: 'AWS::ECS::Container',
      'otel.resource.process.pid': '42',
      n: 1,
    })
  })

  it('FireLens decides where documents go', () => {
    process.env['FLUENT_HOST'] = 'fluent'
    assert.equal(documentsOf(SNAPSHOT)[0]._aws.LogGroupName, undefined)
  })

  it('a log group’s default name has only what a name may have', () => {
    const strange = { attributes: new AttributeList(['service.name', 'größe & co']) }
    assert.equal(JSON.parse(linesOf(SNAPSHOT, {}, strange)[0]!)._aws.LogGroupName, 'gr__e___co-metrics')
    const bare = { attributes: new AttributeList() }
    const { Service, Environment } = JSON.parse(linesOf(SNAPSHOT, {}, bare)[0]!)
    assert.deepEqual([Service, Environment], ['unknown_service', undefined])
  })

  it('dimensions are read from a variable', () => {
    process.env['HASHIRA_CLOUDWATCH_DIMENSIONS'] = 'n=|a|a+b, m=a, gone.*=-'
    const documents = documentsOf(snapshotOf(counter('n', 1, ['a', 'x', 'b', 'y']), counter('gone.x', 1)))
    const base = ['Service', 'Environment']
    assert.deepEqual(
      documents.map(({ _aws }) => _aws.CloudWatchMetrics[0].Dimensions),
      [[base, [...base, 'a'], [...base, 'a', 'b']]],
    )
  })

  it('a bad variable is one warning and the default', () => {
    const env = {
      AWS_EMF_NAMESPACE: 'AWS/EC2',
      AWS_EMF_LOG_GROUP_NAME: 'what a name',
      AWS_EMF_AGENT_ENDPOINT: 'http://agent',
      HASHIRA_CLOUDWATCH_DIMENSIONS: 'n=:x',
      HASHIRA_CLOUDWATCH_STORAGE_RESOLUTION: '5',
    }
    Object.assign(process.env, env)
    const [document] = documentsOf(SNAPSHOT)
    assert.equal(document._aws.CloudWatchMetrics[0].Namespace, 'Hashira')
    assert.equal(document._aws.LogGroupName, 'shop-metrics')
    assert.equal(destination({ HASHIRA_CLOUDWATCH_VIA: 'pigeon' }), 'tcp://127.0.0.1:25888')
    for (const name of [...Object.keys(env), 'HASHIRA_CLOUDWATCH_VIA'])
      assert.equal(said.filter((line) => line.includes(name)).length, 1, `${name}: ${said.join('\n')}`)
  })

  it('a bad option in code is an error with a code, without secrets', () => {
    const bad = [
      { via: 'pigeon' },
      { namespace: '' },
      { namespace: 'AWS/X' },
      { namespace: 'x'.repeat(256) },
      { dimensions: { n: ['a'] } },
      { dimensions: { n: [['a', 'a']] } },
      { dimensions: { n: [['Service']] } },
      { dimensions: { n: [['é']] } },
      { dimensions: { n: [Array.from({ length: 29 }, (_, i) => `k${i}`)] } },
      { storageResolution: 5 },
      { logGroupName: 'a b' },
      { logStreamName: 'a:b' },
      { agentEndpoint: 'agent:25888' },
      { region: 'eu west' },
      { via: 'logs' },
      {
        via: 'putMetricData',
        region: 'eu-west-1',
        credentials: { accessKeyId: 1, secretAccessKey: 'hush-hush' },
      },
    ]
    for (const options of bad) {
      assert.throws(
        () => cloudwatch(options as object),
        (error) =>
          isHashiraError(error) &&
          error.code === 'HASHIRA_OPTION_INVALID' &&
          !error.message.includes('hush-hush'),
        JSON.stringify(options),
      )
    }
    assert.throws(() => cloudwatch({ regions: 'x' } as object), /HASHIRA_OPTION_UNKNOWN|not known/)
  })

  it('limits and interval are handed on', () => {
    const { intervalMs, limits, temporality } = pushOf({
      via: 'agent',
      metricIntervalMs: 5_000,
      maxQueueBytes: 1_000,
    })
    assert.deepEqual([intervalMs, limits?.maxQueueBytes, temporality], [5_000, 1_000, 'delta'])
  })

  it('nothing is encoded of nothing', () => {
    for (const via of ['agent', 'stdout'] as const)
      assert.deepEqual([...pushOf({ via }).encode(snapshotOf(), resource)], [])
  })

  it('are known, one and all, to the README', () => {
    const readme = readFileSync(join(__dirname, '../README.md'), 'utf8')
    for (const [name, { env }] of Object.entries(cloudWatchOptionTable)) {
      const row = new RegExp(`^\\| \`${name}\` .*$`, 'm').exec(readme)?.[0]
      assert.ok(row, `${name} has no row`)
      for (const variable of env.filter((text) => text !== '')) assert.ok(row.includes(variable), variable)
    }
  })

  it('knows its version', () => {
    assert.equal(VERSION, JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8')).version)
  })
})

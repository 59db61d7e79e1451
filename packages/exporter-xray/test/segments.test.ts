import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SpanKind } from '@opentelemetry/api'
import {
  attributes,
  documentOf,
  documentsOf,
  PARENT,
  record,
  resourceOf,
  SPAN,
  TRACE,
  times,
} from './support'

const xrayBlock = { sdk: 'hashira for nodejs', sdk_version: '0.1.0', auto_instrumentation: false }
const resourceMetadata = {
  'otel.resource.service.name': 'shop',
  'otel.resource.process.pid': 42,
  'otel.resource.host.name': 'hôte',
}

describe('segments', () => {
  it('root: a server span without a parent', () => {
    assert.deepEqual(documentOf({}), {
      name: 'shop',
      id: SPAN,
      trace_id: TRACE,
      ...times,
      aws: { xray: xrayBlock },
      metadata: { default: { 'otel.span.name': 'GET /users/:id', ...resourceMetadata } },
    })
  })

  it('has the parent of another service', () => {
    const { parent_id, type } = documentOf({ parentSpanId: PARENT, parentIsRemote: true })
    assert.deepEqual({ parent_id, type }, { parent_id: PARENT, type: undefined })
  })

  it('HTTP: request, response, and what is left as metadata', () => {
    const { http, metadata, annotations } = documentOf({
      attributes: attributes([
        ...['http.request.method', 'GET', 'url.path', '/users/7', 'url.query', 'a=1', 'url.scheme', 'https'],
        ...['server.address', 'shop.example', 'server.port', 8443, 'user_agent.original', 'curl/8'],
        ...['client.address', '203.0.113.9', 'network.peer.address', '10.0.0.1'],
        ...['http.response.status_code', 200, 'http.response.body.size', 12, 'http.route', '/users/:id'],
      ]),
    })
    assert.deepEqual(http, {
      request: {
        method: 'GET',
        url: 'https://shop.example:8443/users/7',
        user_agent: 'curl/8',
        client_ip: '203.0.113.9',
        x_forwarded_for: true,
      },
      response: { status: 200, content_length: 12 },
    })
    assert.deepEqual(annotations, { http_route: '/users/:id' })
    assert.deepEqual(metadata.default, {
      'url.query': 'a=1',
      'network.peer.address': '10.0.0.1',
      'otel.span.name': 'GET /users/:id',
      ...resourceMetadata,
    })
  })

  it('HTTP by the conventions before the stable ones', () => {
    const { http } = documentOf({
      attributes: attributes([
        ...['http.method', 'POST', 'http.scheme', 'http', 'http.host', 'shop:81', 'http.target', '/a?b=1'],
        ...['http.status_code', 503, 'http.user_agent', 'x', 'net.peer.ip', '10.0.0.1'],
      ]),
    })
    assert.deepEqual(http, {
      request: { method: 'POST', url: 'http://shop:81/a', user_agent: 'x', client_ip: '10.0.0.1' },
      response: { status: 503 },
    })
  })

  it('user, version, origin and where it runs', () => {
    const document = documentOf(
      { attributes: attributes(['enduser.id', 'u7', 'aws.xray.resource_arn', 'arn:aws:x']) },
      { logGroups: ['/ecs/shop'] },
      resourceOf([
        ...['service.name', 'shop', 'service.version', '1.2.3', 'cloud.provider', 'aws'],
        ...['cloud.platform', 'aws_ecs', 'aws.ecs.launchtype', 'fargate', 'cloud.account.id', '123456789012'],
        ...['container.name', 'app', 'container.id', 'c1', 'aws.ecs.container.arn', 'arn:aws:ecs:c'],
        ...['cloud.availability_zone', 'eu-west-1a', 'telemetry.distro.version', '9.9.9'],
      ]),
    )
    assert.deepEqual(
      { ...document, metadata: 0 },
      {
        name: 'shop',
        id: SPAN,
        trace_id: TRACE,
        ...times,
        origin: 'AWS::ECS::Fargate',
        resource_arn: 'arn:aws:x',
        user: 'u7',
        service: { version: '1.2.3' },
        aws: {
          account_id: '123456789012',
          cloudwatch_logs: [{ log_group: '/ecs/shop' }],
          ecs: {
            container: 'app',
            container_id: 'c1',
            container_arn: 'arn:aws:ecs:c',
            launch_type: 'fargate',
            availability_zone: 'eu-west-1a',
          },
          xray: { ...xrayBlock, sdk_version: '9.9.9' },
        },
        metadata: 0,
      },
    )
  })

  const places: readonly [string, unknown[], string, object][] = [
    [
      'EC2',
      ['cloud.platform', 'aws_ec2', 'host.id', 'i-1', 'host.type', 'm5.large', 'host.image.id', 'ami-1'],
      'AWS::EC2::Instance',
      { ec2: { instance_id: 'i-1', instance_size: 'm5.large', ami_id: 'ami-1' } },
    ],
    [
      'EKS',
      ['cloud.platform', 'aws_eks', 'k8s.cluster.name', 'c', 'k8s.pod.name', 'p', 'container.id', 'x'],
      'AWS::EKS::Container',
      { eks: { cluster_name: 'c', pod: 'p', container_id: 'x' } },
    ],
    [
      'Elastic Beanstalk',
      ['cloud.platform', 'aws_elastic_beanstalk', 'service.namespace', 'env', 'service.instance.id', '32'],
      'AWS::ElasticBeanstalk::Environment',
      { elastic_beanstalk: { environment_name: 'env', deployment_id: 32 } },
    ],
    ['Lambda', ['cloud.platform', 'aws_lambda'], 'AWS::Lambda::Function', {}],
    [
      'a machine whose id is no instance’s',
      ['cloud.platform', 'aws_lambda', 'host.id', '3d1219c7c4c5404aaa1f6d2a48adfda4'],
      'AWS::Lambda::Function',
      {},
    ],
  ]
  for (const [name, flat, origin, block] of places) {
    it(`runs on ${name}`, () => {
      const document = documentOf({}, {}, resourceOf(['cloud.provider', 'aws', ...flat]))
      assert.equal(document['origin'], origin)
      assert.deepEqual(document['aws'], { ...block, xray: xrayBlock })
    })
  }

  it('names the sampling rule that took the trace', () => {
    const { aws } = documentOf(
      { attributes: attributes(['aws.xray.sampling_rule', 'checkout']) },
      {},
      resourceOf(['cloud.account.id', '1']),
    )
    assert.deepEqual(aws, { account_id: '1', xray: { ...xrayBlock, rule_name: 'checkout' } })
  })

  it('log groups by the resource, also as one text', () => {
    const arn = 'arn:aws:logs:eu-west-1:1:log-group:/a/b:*'
    const logsOf = (flat: unknown[]) =>
      documentOf({}, { logGroups: ['x'] }, resourceOf(flat))['aws'].cloudwatch_logs
    assert.deepEqual(logsOf(['aws.log.group.names', 'a&b']), [{ log_group: 'a' }, { log_group: 'b' }])
    assert.deepEqual(logsOf(['aws.log.group.arns', [arn]]), [{ log_group: '/a/b', arn }])
  })

  it('is called as the options or the environment say', () => {
    assert.equal(documentOf({}, { segmentName: 'front' })['name'], 'front')
    process.env['AWS_XRAY_TRACING_NAME'] = 'from-env'
    try {
      assert.equal(documentOf({})['name'], 'from-env')
    } finally {
      delete process.env['AWS_XRAY_TRACING_NAME']
    }
  })

  it('a local root that calls another service is a segment with a subsegment in it', () => {
    const call = record({
      kind: SpanKind.CLIENT,
      name: 'GET',
      attributes: attributes(['http.request.method', 'GET', 'server.address', 'api.example']),
    })
    const [own, called] = documentsOf(call)
    assert.deepEqual(own, {
      name: 'shop',
      id: '4852948e69203331',
      trace_id: TRACE,
      ...times,
      aws: { xray: xrayBlock },
      metadata: { default: resourceMetadata },
    })
    assert.equal(called!['id'], SPAN, 'the called service names the span as its parent')
    assert.equal(called!['parent_id'], own!['id'])
    assert.deepEqual(
      { name: called!['name'], type: called!['type'], namespace: called!['namespace'] },
      { name: 'api.example', type: 'subsegment', namespace: 'remote' },
    )
  })
})

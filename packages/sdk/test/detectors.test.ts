import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, it } from 'node:test'
import { AttributeList, faultCounts } from '@hashira/core'
import { HttpClient } from '@hashira/delivery'
import { DETECTOR_NAMES, detectResource } from '../dist/detectors/detect-resource.js'

const http = new HttpClient()
after(() => http.close())

const ID = 'c'.repeat(64)
const UID = '6b1f2c3d-0000-4000-8000-0123456789ab'

/** What is detected with these files and variables only, after all have answered. */
async function detect(
  names: readonly string[],
  files: Record<string, string>,
  env: Record<string, string> = {},
  own: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const attributes = new AttributeList()
  for (const [key, value] of Object.entries(own)) attributes.set(key, value)
  await detectResource(names, attributes, { env, readFile: (path) => files[path], http })
  return { ...attributes.toObject() }
}

async function serve(listener: RequestListener): Promise<{ url: string; close(): void }> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
}

describe('resource detectors', () => {
  it('know the host, the operating system and the process, but not its arguments', async () => {
    const found = await detect(['host', 'os', 'process', 'serviceinstance'], { '/etc/machine-id': 'abc\n' })
    assert.equal(found['host.id'], 'abc')
    assert.equal(found['os.type'], 'linux')
    assert.equal(found['process.pid'], process.pid)
    assert.equal(found['process.runtime.version'], process.versions.node)
    assert.match(String(found['service.instance.id']), /^[0-9a-f-]{36}$/)
    assert.equal('process.command_args' in found, false)
  })

  const containers: readonly [what: string, files: Record<string, string>][] = [
    ['control groups 1', { '/proc/self/cgroup': `13:name=systemd:/docker/${ID}\n12:pids:/docker/${ID}\n` }],
    [
      'control groups 1 under Kubernetes',
      {
        '/proc/self/cgroup': `1:name=systemd:/kubepods.slice/kubepods-pod6b1f.slice/cri-containerd-${ID}.scope\n`,
      },
    ],
    [
      'control groups 2',
      {
        '/proc/self/cgroup': '0::/\n',
        '/proc/self/mountinfo': `473 456 254:1 /docker/containers/${ID}/hostname /etc/hostname rw - ext4 /dev/vda1 rw\n`,
      },
    ],
    [
      'control groups 2 of containerd',
      {
        '/proc/self/cgroup': '0::/\n',
        '/proc/self/mountinfo': `473 456 254:1 /var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/${ID}/hostname /etc/hostname rw - ext4 /dev/vda1 rw\n`,
      },
    ],
  ]
  for (const [what, files] of containers) {
    it(`know the container by ${what}`, async () => {
      assert.deepEqual(await detect(['container'], files), { 'container.id': ID })
    })
  }

  it('know no container where there is none', async () => {
    assert.deepEqual(
      await detect(['container'], {
        '/proc/self/cgroup': '0::/user.slice\n',
        '/proc/self/mountinfo': '1 1 8:1 / / rw - ext4 /dev/sda rw\n',
      }),
      {},
    )
  })

  it('know the pod', async () => {
    const files = {
      '/var/run/secrets/kubernetes.io/serviceaccount/namespace': 'shop',
      '/proc/self/cgroup': `1:cpu:/kubepods/burstable/pod${UID.replaceAll('-', '_')}/${ID}`,
    }
    const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', HOSTNAME: 'web-1', NODE_NAME: 'node-7' }
    assert.deepEqual(await detect(['k8s'], files, env), {
      'k8s.pod.name': 'web-1',
      'k8s.namespace.name': 'shop',
      'k8s.pod.uid': UID,
      'k8s.node.name': 'node-7',
    })
    assert.deepEqual(await detect(['k8s'], files), {}, 'outside of a cluster')
  })

  it('know the Lambda function', async () => {
    const env = {
      AWS_LAMBDA_FUNCTION_NAME: 'charge',
      AWS_LAMBDA_FUNCTION_VERSION: '7',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/charge',
      AWS_LAMBDA_LOG_STREAM_NAME: '2026/11/26/[7]abc',
      AWS_REGION: 'eu-west-1',
    }
    assert.deepEqual(await detect(['lambda'], {}, env), {
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_lambda',
      'cloud.region': 'eu-west-1',
      'faas.name': 'charge',
      'faas.version': '7',
      'faas.instance': '2026/11/26/[7]abc',
      'faas.max_memory': 536_870_912,
      'aws.log.group.names': ['/aws/lambda/charge'],
      'aws.log.stream.names': ['2026/11/26/[7]abc'],
    })
  })

  it('ask the metadata endpoint of ECS', async () => {
    const task = 'arn:aws:ecs:us-west-2:111122223333:task/default/158d1c8083dd49d6b527399fd6414f5c'
    const answers: Record<string, object> = {
      '/v4/x': {
        DockerId: ID,
        DockerName: 'ecs-curltest-24-curl',
        Image: '111122223333.dkr.ecr.us-west-2.amazonaws.com/curltest:latest',
        ImageID: 'sha256:d691',
        ContainerARN: 'arn:aws:ecs:us-west-2:111122223333:container/0206b271',
        LogDriver: 'awslogs',
        LogOptions: {
          'awslogs-group': '/ecs/metadata',
          'awslogs-region': 'us-west-2',
          'awslogs-stream': 'ecs/curl/8f03',
        },
      },
      '/v4/x/task': {
        Cluster: 'default',
        TaskARN: task,
        Family: 'curltest',
        Revision: '26',
        AvailabilityZone: 'us-west-2d',
        LaunchType: 'EC2',
      },
    }
    const endpoint = await serve((request, response) => response.end(JSON.stringify(answers[request.url!])))
    const found = await detect(['ecs'], {}, { ECS_CONTAINER_METADATA_URI_V4: `${endpoint.url}/v4/x` })
    endpoint.close()
    assert.deepEqual(found, {
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_ecs',
      'aws.ecs.task.arn': task,
      'aws.ecs.task.id': '158d1c8083dd49d6b527399fd6414f5c',
      'aws.ecs.task.family': 'curltest',
      'aws.ecs.task.revision': '26',
      'aws.ecs.cluster.arn': 'arn:aws:ecs:us-west-2:111122223333:cluster/default',
      'aws.ecs.launchtype': 'ec2',
      'cloud.availability_zone': 'us-west-2d',
      'cloud.region': 'us-west-2',
      'cloud.account.id': '111122223333',
      'container.id': ID,
      'container.name': 'ecs-curltest-24-curl',
      'container.image.name': '111122223333.dkr.ecr.us-west-2.amazonaws.com/curltest',
      'container.image.tags': ['latest'],
      'container.image.id': 'sha256:d691',
      'aws.ecs.container.arn': 'arn:aws:ecs:us-west-2:111122223333:container/0206b271',
      'cloud.resource_id': 'arn:aws:ecs:us-west-2:111122223333:container/0206b271',
      'aws.log.group.names': ['/ecs/metadata'],
      'aws.log.group.arns': ['arn:aws:logs:us-west-2:111122223333:log-group:/ecs/metadata:*'],
      'aws.log.stream.names': ['ecs/curl/8f03'],
      'aws.log.stream.arns': [
        'arn:aws:logs:us-west-2:111122223333:log-group:/ecs/metadata:log-stream:ecs/curl/8f03',
      ],
    })
  })

  it('ask the instance metadata of EC2 with a token, where the machine is one of Amazon’s', async () => {
    const asked: string[] = []
    const endpoint = await serve((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      if (request.method === 'PUT') return response.end('secret-token')
      if (request.headers['x-aws-ec2-metadata-token'] !== 'secret-token') return response.writeHead(401).end()
      if (request.url!.endsWith('hostname')) return response.end('ip-10-0-0-1.internal')
      return response.end(
        JSON.stringify({
          accountId: '1',
          region: 'eu-west-1',
          availabilityZone: 'eu-west-1a',
          instanceId: 'i-0',
          instanceType: 't3.micro',
          imageId: 'ami-1',
        }),
      )
    })
    const env = { AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint.url }
    const found = await detect(['ec2', 'host'], { '/etc/machine-id': 'abc' }, env)
    endpoint.close()
    assert.equal(asked[0], 'PUT /latest/api/token')
    assert.deepEqual(
      [
        'cloud.platform',
        'cloud.account.id',
        'cloud.availability_zone',
        'host.id',
        'host.type',
        'host.image.id',
        'host.name',
      ].map((key) => found[key]),
      ['aws_ec2', '1', 'eu-west-1a', 'i-0', 't3.micro', 'ami-1', 'ip-10-0-0-1.internal'],
      'what the instance says of itself comes before what the operating system says',
    )
    assert.deepEqual(await detect(['ec2'], { '/sys/devices/virtual/dmi/id/sys_vendor': 'QEMU' }), {})
    assert.deepEqual(await detect(['ec2'], {}, { ...env, AWS_EC2_METADATA_DISABLED: 'true' }), {})
  })

  it('ask the cluster whether it is EKS', async () => {
    const api = await serve((request, response) => {
      if (request.headers.authorization !== 'Bearer token') return response.writeHead(401).end()
      const data = request.url!.endsWith('cluster-info') ? { 'cluster.name': 'blue' } : {}
      return response.end(JSON.stringify({ data }))
    })
    const files = { '/var/run/secrets/kubernetes.io/serviceaccount/token': 'token\n' }
    const env = {
      KUBERNETES_SERVICE_HOST: '10.0.0.1',
      AWS_REGION: 'eu-west-1',
      HASHIRA_KUBERNETES_API: api.url,
    }
    const found = await detect(['eks'], files, env)
    api.close()
    assert.deepEqual(found, {
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_eks',
      'cloud.region': 'eu-west-1',
      'k8s.cluster.name': 'blue',
    })
  })

  it('never wait longer than a second, and count what fails', async () => {
    const silent = await serve(() => {})
    const before = faultCounts().get('resource_detector') ?? 0
    const began = performance.now()
    const found = await detect(['ecs'], {}, { ECS_CONTAINER_METADATA_URI_V4: `${silent.url}/v4/x` })
    const took = performance.now() - began
    silent.close()
    assert.ok(took < 3_000, `${took} ms`)
    assert.deepEqual(found, { 'cloud.provider': 'aws', 'cloud.platform': 'aws_ecs' })
    const refused = await detect(['ecs'], {}, { ECS_CONTAINER_METADATA_URI_V4: 'http://127.0.0.1:9/v4/x' })
    assert.equal(refused['cloud.platform'], 'aws_ecs')
    assert.ok((faultCounts().get('resource_detector') ?? 0) > before)
  })

  it('take texts, numbers and lists of texts, whatever a metadata service says', async () => {
    const answer = { DockerId: { a: 1 }, DockerName: null, ImageID: ['x', 1], Family: 'shop', Revision: [2] }
    const endpoint = await serve((_request, response) => response.end(JSON.stringify(answer)))
    const found = await detect(['ecs'], {}, { ECS_CONTAINER_METADATA_URI_V4: endpoint.url })
    endpoint.close()
    assert.deepEqual(found, {
      'cloud.provider': 'aws',
      'cloud.platform': 'aws_ecs',
      'aws.ecs.task.family': 'shop',
    })
  })

  it('leave what the operator has set', async () => {
    const found = await detect(['host'], { '/etc/machine-id': 'abc' }, {}, { 'host.id': 'mine' })
    assert.equal(found['host.id'], 'mine')
  })

  it('are chosen by name', async () => {
    assert.deepEqual(await detect(['none', 'host'], {}), {})
    assert.deepEqual(await detect(['env'], {}), {})
    assert.deepEqual(Object.keys(await detect(['aws'], {}, { AWS_LAMBDA_FUNCTION_NAME: 'f' })), [
      'cloud.provider',
      'cloud.platform',
      'faas.name',
    ])
    for (const name of [
      'all',
      'none',
      'env',
      'host',
      'os',
      'process',
      'serviceinstance',
      'container',
      'aws',
      'k8s',
      'ecs',
      'eks',
      'ec2',
      'lambda',
    ])
      assert.ok(DETECTOR_NAMES.includes(name), name)
  })
})

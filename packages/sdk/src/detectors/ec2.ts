import { askJson, askText } from './ask-json'
import type { Detector } from './detector'

interface Identity {
  readonly accountId?: string
  readonly region?: string
  readonly availabilityZone?: string
  readonly instanceId?: string
  readonly instanceType?: string
  readonly imageId?: string
}

const DEFAULT_ENDPOINT = 'http://169.254.169.254'

/**
 * `host.*` and `cloud.*` of an EC2 instance, from its metadata service in version 2 (Amazon EC2 user guide, "Instance metadata").
 * It is asked only where the machine says that it is one of Amazon's: elsewhere nothing answers there.
 */
export const ec2: Detector = {
  name: 'ec2',
  detect({ env, readFile }) {
    if (env['AWS_EC2_METADATA_DISABLED']?.toLowerCase() === 'true') return undefined
    const named = env['AWS_EC2_METADATA_SERVICE_ENDPOINT'] !== undefined
    const vendor =
      readFile('/sys/devices/virtual/dmi/id/sys_vendor') ?? readFile('/sys/hypervisor/uuid') ?? ''
    if (!named && !/^(amazon ec2|ec2)/i.test(vendor)) return undefined
    return { 'cloud.provider': 'aws', 'cloud.platform': 'aws_ec2' }
  },
  async ask({ env, http }) {
    const endpoint = (env['AWS_EC2_METADATA_SERVICE_ENDPOINT'] ?? DEFAULT_ENDPOINT).replace(/\/+$/, '')
    const token = await askText(http, {
      url: `${endpoint}/latest/api/token`,
      method: 'PUT',
      headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '60' },
    })
    const headers = { 'x-aws-ec2-metadata-token': token }
    const url = (path: string) => `${endpoint}/latest/${path}`
    const [identity, hostName] = await Promise.all([
      askJson<Identity>(http, { url: url('dynamic/instance-identity/document'), headers }),
      askText(http, { url: url('meta-data/hostname'), headers }).catch(() => undefined),
    ])
    return {
      'cloud.account.id': identity.accountId,
      'cloud.region': identity.region,
      'cloud.availability_zone': identity.availabilityZone,
      'host.id': identity.instanceId,
      'host.type': identity.instanceType,
      'host.image.id': identity.imageId,
      'host.name': hostName,
    }
  },
}

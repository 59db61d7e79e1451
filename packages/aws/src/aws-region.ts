import { HashiraError, type OptionSpec } from '@hashira/core'

// A region becomes a label of a host name, so nothing else may get through.
const REGION = /^[a-z0-9]+(-[a-z0-9]+)+$/

/** An option table's `region`: code, then `AWS_REGION`, then `AWS_DEFAULT_REGION`. */
export function awsRegionOption(): OptionSpec<string | undefined> {
  const accept = (value: unknown) =>
    typeof value === 'string' && value.length <= 63 && REGION.test(value) ? value : undefined
  return {
    env: ['AWS_REGION', 'AWS_DEFAULT_REGION'],
    default: undefined,
    allowed: 'an AWS region such as eu-west-1',
    accept,
    parse: (text) => accept(text.toLowerCase()),
  }
}

/** @throws HashiraError HASHIRA_OPTION_INVALID that says how a region is set */
export function requiredRegion(owner: string, region: string | undefined): string {
  if (region !== undefined) return region
  throw new HashiraError(
    'HASHIRA_OPTION_INVALID',
    `${owner}: option "region" is not set; set AWS_REGION or AWS_DEFAULT_REGION, or give { region: 'eu-west-1' }`,
  )
}

// By the partitions of the AWS SDKs' endpoint rules; the other regions, GovCloud's too, share one suffix.
const SUFFIXES: readonly (readonly [prefix: string, suffix: string])[] = [
  ['cn-', 'amazonaws.com.cn'],
  ['us-iso-', 'c2s.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['us-isof-', 'csp.hci.ic.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
  ['eusc-', 'amazonaws.eu'],
]

/** `https://xray.eu-west-1.amazonaws.com`. */
export function awsEndpoint(service: string, region: string): string {
  const suffix = SUFFIXES.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'amazonaws.com'
  return `https://${service}.${region}.${suffix}`
}

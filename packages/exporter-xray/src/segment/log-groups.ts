import type { AttributeList } from '@hashira/core'
import { cut } from './limits'

const MAX_GROUPS = 10

/** The log groups that X-Ray's console opens beside a trace: `aws.log.group.arns`, else `aws.log.group.names`, else `names`. */
export function logGroupBlocks(
  attributes: AttributeList,
  names: readonly string[],
): { log_group: string; arn?: string }[] | undefined {
  const arns = listOf(attributes, 'aws.log.group.arns')
  if (arns.length > 0) return arns.map((arn) => ({ log_group: groupOf(arn), arn }))
  const own = listOf(attributes, 'aws.log.group.names')
  const groups = own.length > 0 ? own : names.slice(0, MAX_GROUPS).map((name) => cut(name))
  return groups.length === 0 ? undefined : groups.map((log_group) => ({ log_group }))
}

/** A list, or a text with `&` between, as `OTEL_RESOURCE_ATTRIBUTES` has to write it. */
function listOf(attributes: AttributeList, key: string): string[] {
  const value = attributes.get(key)
  const list = typeof value === 'string' ? value.split('&') : Array.isArray(value) ? value : []
  return list
    .filter((item): item is string => typeof item === 'string' && item !== '')
    .slice(0, MAX_GROUPS)
    .map((item) => cut(item))
}

/** `arn:aws:logs:eu-west-1:123:log-group:NAME:*`. */
function groupOf(arn: string): string {
  return arn.split(':')[6] ?? arn
}

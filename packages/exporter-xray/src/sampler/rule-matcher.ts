import type { RequestFacts } from './request-facts'
import type { SamplingRule } from './sampling-rule'
import { wildcard } from './wildcard'

/** What `rule` asks of a request, prepared. A request that does not say something fits only `*` there. */
export function ruleMatcher(rule: SamplingRule): (facts: RequestFacts) => boolean {
  // X-Ray's own, which takes what is left.
  if (rule.name === 'Default') return () => true
  const serviceName = wildcard(rule.serviceName)
  const serviceType = wildcard(rule.serviceType)
  const resourceArn = wildcard(rule.resourceArn)
  const host = wildcard(rule.host)
  const method = wildcard(rule.method)
  const path = wildcard(rule.path)
  const attributes = Object.entries(rule.attributes).map(
    ([key, pattern]) => [key, wildcard(pattern)] as const,
  )
  return (facts) =>
    method(facts.method) &&
    path(facts.path) &&
    (host(facts.host) || host(facts.hostAndPort)) &&
    serviceName(facts.serviceName) &&
    serviceType(facts.serviceType) &&
    resourceArn(facts.resourceArn) &&
    attributes.every(([key, fits]) => {
      const value = facts.attributes[key]
      return value !== undefined && fits(String(value).toLowerCase())
    })
}

import { asciiText } from './ascii-text'

/** CloudWatch's limit (MetricDatum); the one of the Embedded Metric Format is higher. */
const MAX_NAME_LENGTH = 255

/** What a document has at its root besides metrics and the labels of its series. */
const OWN_MEMBERS = /^(?:_aws|Version|Service|ServiceType|Environment|otel\.resource\..*)$/

/** Whether a document uses `name` for something of its own. */
export function isOwnMember(name: string): boolean {
  return OWN_MEMBERS.test(name)
}

/** The name in CloudWatch: as it is where CloudWatch takes it. */
export function cloudWatchName(name: string): string {
  const safe = isOwnMember(name) || name.trim() === '' ? `metric.${name}` : name
  return asciiText(safe, MAX_NAME_LENGTH)
}

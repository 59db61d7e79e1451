/** A rule of X-Ray's `GetSamplingRules`, as far as version 1 of rules goes. */
export interface SamplingRule {
  readonly name: string
  /** 1 to 9999, the lowest is asked first; `Default` has 10000. */
  readonly priority: number
  /** Share of the requests beyond the reservoir, 0 to 1. */
  readonly fixedRate: number
  /** Requests a second that all services together sample before the rate counts. */
  readonly reservoirSize: number
  readonly serviceName: string
  readonly serviceType: string
  readonly host: string
  readonly method: string
  readonly path: string
  readonly resourceArn: string
  /** Patterns for the values of attributes. */
  readonly attributes: Readonly<Record<string, string>>
}

/** `undefined` for what is no rule, or of another version. What does not say what it wants of something takes all of it. */
export function readRule(value: unknown): SamplingRule | undefined {
  const rule = fields(fields(value)['SamplingRule'])
  const name = rule['RuleName']
  const [fixedRate, reservoirSize] = [rule['FixedRate'], rule['ReservoirSize']]
  if (typeof name !== 'string' || name === '' || rule['Version'] !== 1) return undefined
  if (!isWithin(fixedRate, 0, 1) || !isWithin(reservoirSize, 0, Number.MAX_SAFE_INTEGER)) return undefined
  const pattern = (key: string) => (typeof rule[key] === 'string' ? (rule[key] as string) : '*')
  return {
    name,
    priority: isWithin(rule['Priority'], 0, 10_000) ? rule['Priority'] : 10_000,
    fixedRate,
    reservoirSize,
    serviceName: pattern('ServiceName'),
    serviceType: pattern('ServiceType'),
    host: pattern('Host'),
    method: pattern('HTTPMethod'),
    path: pattern('URLPath'),
    resourceArn: pattern('ResourceARN'),
    attributes: Object.fromEntries(
      Object.entries(fields(rule['Attributes'])).filter(([, text]) => typeof text === 'string'),
    ) as Record<string, string>,
  }
}

/** By priority, then by name; `Default` is the last, whatever it says. */
export function inOrder(rules: readonly SamplingRule[]): SamplingRule[] {
  return [...rules].sort(
    (a, b) =>
      Number(a.name === 'Default') - Number(b.name === 'Default') ||
      a.priority - b.priority ||
      (a.name < b.name ? -1 : 1),
  )
}

export function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

export function isWithin(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && value >= min && value <= max
}

/** Values and how often each occurred; both lists have the same length. */
export interface Distribution {
  readonly values: readonly number[]
  readonly counts: readonly number[]
}

/** Beyond 2^360 CloudWatch refuses a whole request. */
const MAX_MAGNITUDE = 2 ** 360
const MIN_MAGNITUDE = 2 ** -360

/** `value` as CloudWatch takes it; `undefined` for NaN, the infinities and magnitudes above 2^360. Below 2^-360 it is 0. */
export function usableValue(value: number): number | undefined {
  const magnitude = Math.abs(value)
  if (!(magnitude <= MAX_MAGNITUDE)) return undefined
  return magnitude < MIN_MAGNITUDE ? 0 : value
}

export function countOf({ counts }: Distribution): number {
  return counts.reduce((sum, count) => sum + count, 0)
}

export function sumOf({ values, counts }: Distribution): number {
  return values.reduce((sum, value, i) => sum + value * counts[i]!, 0)
}

export function concatenated(parts: readonly Distribution[]): Distribution {
  return {
    values: parts.flatMap(({ values }) => values),
    counts: parts.flatMap(({ counts }) => counts),
  }
}

/** Parts of at most `size` values each. */
export function partsOf(distribution: Distribution, size: number): Distribution[] {
  const { values, counts } = distribution
  if (values.length <= size) return [distribution]
  return Array.from({ length: Math.ceil(values.length / size) }, (_, part) => ({
    values: values.slice(part * size, (part + 1) * size),
    counts: counts.slice(part * size, (part + 1) * size),
  }))
}

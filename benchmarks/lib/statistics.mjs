export function median(values) {
  if (values.length === 0) return Number.NaN
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

export const range = (values) => ({ min: Math.min(...values), max: Math.max(...values) })

/** Another order each round: rotated by one, and backwards every second time, so that no variant always follows the same one. */
export function orderOf(items, round) {
  const shift = round % items.length
  const rotated = [...items.slice(shift), ...items.slice(0, shift)]
  return round % 2 ? rotated.reverse() : rotated
}

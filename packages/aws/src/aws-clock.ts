/** AWS refuses signatures that are more than 5 minutes off (10 to 15 for some services). */
const TOLERATED_MS = 4 * 60_000

/** How far the host's clock is behind AWS; a property of the host, hence one for all signers. */
let offsetMs = 0

export function awsTime(): Date {
  return new Date(Date.now() + offsetMs)
}

/**
 * Takes over the time of a backend that refused a signature.
 *
 * @param date the answer's `Date` header
 * @returns whether that changes anything, so that trying again makes sense
 */
export function adoptTime(date: string | undefined): boolean {
  const theirMs = Date.parse(date ?? '')
  if (Number.isNaN(theirMs)) return false
  const errorMs = theirMs - awsTime().getTime()
  if (Math.abs(errorMs) < TOLERATED_MS) return false
  offsetMs += errorMs
  return true
}

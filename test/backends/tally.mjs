/** Counts the cases of a `node:test` stream: `run`, `passed`, `failed`, `skipped`, and the `reasons` of the skips. */
export class Tally {
  run = 0
  passed = 0
  failed = 0
  skipped = 0
  reasons = new Set()

  constructor(stream) {
    stream.on('test:pass', (data) => this.#count(data, true))
    stream.on('test:fail', (data) => this.#count(data, false))
  }

  #count({ skip, todo, details }, passed) {
    // A suite counts by its cases, unless none of them tells what became of it: skipped as a whole, or failed in a hook.
    const bySubtests = passed ? skip === undefined : details.error?.failureType === 'subtestsFailed'
    if (details.type === 'suite' && bySubtests) return
    if (skip !== undefined) {
      this.skipped++
      this.reasons.add(typeof skip === 'string' && skip ? skip : 'no reason given')
      return
    }
    this.run++
    if (passed || todo !== undefined) this.passed++
    else this.failed++
  }
}

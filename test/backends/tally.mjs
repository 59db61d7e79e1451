/** Counts the cases of a `node:test` stream: `cases` are `passed`, `failed` or `skipped`, those for `reasons` (a text). */
export class Tally {
  cases = 0
  passed = 0
  failed = 0
  skipped = 0
  #reasons = new Set()

  constructor(stream) {
    stream.on('test:pass', (data) => this.#count(data, true))
    stream.on('test:fail', (data) => this.#count(data, false))
  }

  get reasons() {
    return [...this.#reasons].join('; ')
  }

  #count({ skip, todo, details }, passed) {
    // A suite counts by its cases, unless none of them tells what became of it: skipped as a whole, or failed in a hook.
    const bySubtests = passed ? skip === undefined : details.error?.failureType === 'subtestsFailed'
    if (details.type === 'suite' && bySubtests) return
    this.cases++
    if (skip !== undefined) {
      this.skipped++
      this.#reasons.add(typeof skip === 'string' && skip ? skip : 'no reason given')
      return
    }
    if (passed || todo !== undefined) this.passed++
    else this.failed++
  }
}

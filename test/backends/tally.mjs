import { basename } from 'node:path'

/** Counts the cases of a `node:test` stream by the backend that their file belongs to. */
export class Tally {
  #byBackend = new Map()
  failed = 0

  constructor(stream) {
    stream.on('test:pass', (data) => this.#count(data, true))
    stream.on('test:fail', (data) => this.#count(data, false))
  }

  of(backend) {
    let counts = this.#byBackend.get(backend)
    if (!counts) {
      counts = { run: 0, passed: 0, failed: 0, skipped: 0, reasons: new Set() }
      this.#byBackend.set(backend, counts)
    }
    return counts
  }

  #count({ name, file, skip, todo, details }, passed) {
    if (!passed && todo === undefined) this.failed++
    // A suite counts by its cases, unless none of them tells what became of it: skipped as a whole, or failed in a hook.
    const bySubtests = passed ? skip === undefined : details.error?.failureType === 'subtestsFailed'
    if (details.type === 'suite' && bySubtests) return
    const counts = this.of(backendOf(file ?? name))
    if (skip !== undefined) {
      counts.skipped++
      counts.reasons.add(typeof skip === 'string' && skip ? skip : 'no reason given')
      return
    }
    counts.run++
    if (passed) counts.passed++
    else counts.failed++
  }
}

/** `jaeger` for `…/jaeger-demo.test.mjs`. */
export function backendOf(file) {
  return /^[a-z]+/.exec(basename(file))?.[0] ?? basename(file)
}

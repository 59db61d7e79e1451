import assert from 'node:assert/strict'
import { type Signal, setDiagnosticSink } from '@hashira/core'
import type { BenchOptions } from './bench'
import type { ConformanceOptions } from './conformance-options'
import { goldenTests } from './golden-tests'
import { httpFaults } from './http-faults'
import { loadTests } from './load-tests'
import { otherFaults } from './other-faults'

interface Test {
  readonly title: string
  /** Why it does not apply. */
  readonly skip?: string | undefined
  readonly run: () => Promise<void>
}

/**
 * Declares the tests that every exporter must pass, with `describe` and `it` of `node:test`: golden items through a decoder that
 * is not the exporter's, what a backend can do wrong, many callers at once, and the end. The account adds up in each.
 *
 * Servers are on loopback, with free ports. One signal of an HTTP exporter takes about two seconds, most of it waiting. What
 * Hashira says meanwhile is not shown.
 */
export function exporterConformance(options: ConformanceOptions): void {
  // Loaded when used: other test runners, which have no `node:test`, use the rest of this package.
  const { after, before, describe } = process.getBuiltinModule('node:test')
  for (const signal of SIGNALS) {
    if (options[signal] === undefined) continue
    const given: BenchOptions = { options, signal }
    const isHttp = (options.backend ?? 'http') === 'http'
    describe(`${options.name}: ${signal}`, () => {
      const lines: string[] = []
      before(() => setDiagnosticSink((_level, line) => lines.push(line)))
      after(() => {
        setDiagnosticSink(undefined)
        for (const secret of options.secrets ?? [])
          assert.deepEqual(
            lines.filter((line) => line.includes(secret)),
            [],
            'lines that show a secret',
          )
      })
      declare('golden', goldenTests(given))
      declare('delivery', isHttp ? httpFaults(given) : otherFaults(given))
      declare('load', loadTests(given))
    })
  }
}

const SIGNALS: readonly Signal[] = ['traces', 'metrics', 'logs']

function declare(title: string, tests: readonly Test[]): void {
  const { describe, it } = process.getBuiltinModule('node:test')
  describe(title, { concurrency: 4 }, () => {
    for (const { title, skip = false, run } of tests) it(title, { skip }, run)
  })
}

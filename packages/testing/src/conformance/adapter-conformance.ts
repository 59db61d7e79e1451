import { AdapterBench } from './adapter-bench'
import { ADAPTER_CASES } from './adapter-cases'
import type { AdapterConformanceOptions } from './adapter-options'

/**
 * Declares the tests that every server adapter must pass, with `describe` and `it` of `node:test`: names and attributes of spans,
 * what was measured, errors, clients that go away, parents, and the context in handlers.
 */
export function adapterConformance(options: AdapterConformanceOptions): void {
  const { describe, it } = process.getBuiltinModule('node:test')
  describe(`${options.name}: server adapter`, () => {
    for (const [title, run] of ADAPTER_CASES)
      it(title, async () => {
        const bench = new AdapterBench(options)
        try {
          await run(bench)
        } finally {
          await bench.close()
        }
      })
  })
}

import { after, afterEach, before, beforeEach, describe, it } from 'node:test'

/**
 * `node:test`'s functions, where `missing` is empty. Else every suite or case is one skip with that reason, and neither its body nor
 * a hook runs: a body may well begin with what a missing backend does not have.
 */
export function testsOf(missing) {
  if (!missing) return { describe, it, before, after, beforeEach, afterEach }
  const skipped = (name) => it(name, { skip: missing })
  const nothing = () => {}
  return {
    describe: skipped,
    it: skipped,
    before: nothing,
    after: nothing,
    beforeEach: nothing,
    afterEach: nothing,
  }
}

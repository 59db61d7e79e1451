import { after, before, describe, it } from 'node:test'

/**
 * `node:test`'s `describe`, `it`, `before` and `after` for the tests of a backend of `given.mjs`. Where it is missing, every case
 * is skipped with the reason, and no hook runs. (`describe` with `skip` would skip the body, and so the count of its cases.)
 */
export function testsOf({ missing }) {
  if (!missing) return { describe, it, before, after }
  return { describe, it: (name) => it(name, { skip: missing }), before() {}, after() {} }
}

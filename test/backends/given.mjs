import { testsOf } from './tests-of.mjs'

const byHand = 'not prepared: run it by `npm run test:backends`'
const prepared = JSON.parse(process.env.HASHIRA_TEST_BACKENDS ?? '{}')

/**
 * The backends that a test file needs, as `run.mjs` prepared them, by name, together with the `describe`, `it`, `before` and `after`
 * to declare its tests with: those of a file whose backends are not all there are skipped, with the reason.
 * `run.mjs` finds out what to start from the text of this call, so the names are to be literals: `given('collector', 'moto')`.
 */
export function given(...names) {
  const backends = Object.fromEntries(names.map((name) => [name, prepared[name] ?? { missing: byHand }]))
  const reasons = names.flatMap((name) => {
    const { missing } = backends[name]
    return missing ? [`${name}: ${missing}`] : []
  })
  return { ...backends, ...testsOf(reasons.join('; ')) }
}

/** The names in the `given()` calls of a test file's source. */
export function neededBy(source) {
  const calls = [...source.matchAll(/\bgiven\(([^)]*)\)/g)].map(([, names]) => names)
  return [
    ...new Set(calls.flatMap((names) => [...names.matchAll(/['"]([^'"]+)['"]/g)].map(([, name]) => name))),
  ]
}

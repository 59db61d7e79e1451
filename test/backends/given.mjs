/**
 * What `run.mjs` prepared for the tests, from the environment. `missing` is the reason why a backend is not there, to be used as
 * the `skip` of its tests, and `undefined` where it is.
 */
const { env } = process
const byHand = 'not prepared: run it by `npm run test:backends`'

export const jaeger = {
  otlpUrl: env.HASHIRA_TEST_JAEGER_OTLP_URL,
  queryUrl: env.HASHIRA_TEST_JAEGER_QUERY_URL,
  missing: env.HASHIRA_TEST_JAEGER_OTLP_URL ? undefined : (env.HASHIRA_TEST_JAEGER_MISSING ?? byHand),
}

export const prometheus = {
  binary: env.HASHIRA_TEST_PROMETHEUS_BIN,
  promtool: env.HASHIRA_TEST_PROMTOOL_BIN,
  missing: env.HASHIRA_TEST_PROMETHEUS_BIN ? undefined : (env.HASHIRA_TEST_PROMETHEUS_MISSING ?? byHand),
}

/** By release line (`'20'`, `'22'`, `'24'`, `'26'`): `{ path, missing }`. */
export const node = Object.fromEntries(
  ['20', '22', '24', '26'].map((line) => {
    const path = env[`HASHIRA_TEST_NODE_${line}_BIN`]
    return [line, { path, missing: path ? undefined : (env[`HASHIRA_TEST_NODE_${line}_MISSING`] ?? byHand) }]
  }),
)

import { nodeBinary, nodeLines } from './get-node.mjs'
import { startJaeger } from './start-jaeger.mjs'
import { prometheusBinary } from './start-prometheus.mjs'

/**
 * The backends by name, each with how it is prepared: `{ version, env, stop? }`, where `env` is what `given.mjs` reads.
 * The tests of a backend are the files that begin with its name: `jaeger.test.mjs`, `jaeger-demo.test.mjs`.
 */
export const backends = { jaeger, prometheus, node }

async function jaeger() {
  // Set from outside by who has tried already: a build that fails may take as long as one that does not.
  const known = process.env.HASHIRA_TEST_JAEGER_MISSING
  if (known) return absent('HASHIRA_TEST_JAEGER_MISSING', known)
  const { otlpUrl, queryUrl, version, stop, missing } = await startJaeger()
  if (missing) return absent('HASHIRA_TEST_JAEGER_MISSING', missing)
  return {
    version,
    stop,
    env: { HASHIRA_TEST_JAEGER_OTLP_URL: otlpUrl, HASHIRA_TEST_JAEGER_QUERY_URL: queryUrl },
  }
}

// Only the program: which targets are scraped is for each test to say, so each starts its own.
async function prometheus() {
  const { path, promtool, version, missing } = await prometheusBinary()
  if (missing) return absent('HASHIRA_TEST_PROMETHEUS_MISSING', missing)
  return { version, env: { HASHIRA_TEST_PROMETHEUS_BIN: path, HASHIRA_TEST_PROMTOOL_BIN: promtool } }
}

async function node() {
  const env = {}
  const versions = []
  for (const line of nodeLines) {
    const { path, version, missing } = await nodeBinary(line)
    env[`HASHIRA_TEST_NODE_${line}_${missing ? 'MISSING' : 'BIN'}`] = missing ?? path
    if (version) versions.push(version)
  }
  return { version: versions.join(' ') || '-', env }
}

function absent(name, reason) {
  return { version: '-', env: { [name]: reason } }
}

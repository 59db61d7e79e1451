import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cached } from '../cached.mjs'
import { command } from '../command.mjs'
import { goIn } from '../go-program.mjs'

const release = '0.145.0'
const core = 'go.opentelemetry.io/collector'
const contrib = 'github.com/open-telemetry/opentelemetry-collector-contrib'
const receivers = [
  `${core}/receiver/otlpreceiver`,
  ...['awsxray', 'datadog', 'jaeger', 'statsd', 'zipkin'].map(
    (name) => `${contrib}/receiver/${name}receiver`,
  ),
]
const exporters = [`${core}/exporter/debugexporter`, `${contrib}/exporter/fileexporter`]

const buildTimeoutMs = 25 * 60_000

/**
 * An OpenTelemetry Collector with the receivers and exporters above (`COLLECTOR_BIN`, else built with Go at the first call, minutes):
 * `{ path, version }`.
 */
export async function get() {
  const path = process.env.COLLECTOR_BIN || (await cached(`collector-${release}`, build))
  const stdout = await command(path, ['--version'])
  const version = /version (\S+)/.exec(stdout)?.[1]
  if (!version) throw new Error(`${path} is not a collector: \`--version\` printed ${stdout.slice(0, 100)}`)
  return { path, version }
}

async function build({ folder, log }) {
  const dist = join(folder, 'dist')
  mkdirSync(dist)
  const goOf = (cwd, env) => goIn({ folder: cwd, log, timeoutMs: buildTimeoutMs, env })
  await command('go', ['version'], { log })
  await goOf(folder, { GOBIN: folder })('install', `${core}/cmd/builder@v${release}`)
  writeFileSync(join(folder, 'builder.yaml'), JSON.stringify(builderConfig()))
  // Not by the builder's own `go mod tidy`, which asks for what the tests of its modules need as well.
  writeFileSync(join(dist, 'go.sum'), await sums(goOf(folder)))
  const flags = ['--config=builder.yaml', '--skip-compilation', '--skip-get-modules']
  await command(join(folder, 'builder'), flags, { cwd: folder, log, timeoutMs: 60_000 })
  await goOf(dist)('build', '-mod=mod', '-ldflags', '-s -w', '-o', 'program', '.')
  return join(dist, 'program')
}

// JSON is YAML.
function builderConfig() {
  const parts = (modules) => modules.map((module) => ({ gomod: `${module} v${release}` }))
  return {
    dist: { module: 'backend', name: 'collector', output_path: './dist', version: release },
    receivers: parts(receivers),
    exporters: parts(exporters),
  }
}

/** What `go.sum` holds in the modules that go in: each was released with its own. */
async function sums(go) {
  const modules = [...receivers, ...exporters].map((module) => `${module}@v${release}`)
  const lines = new Set()
  for (const module of modules) {
    const { Dir } = JSON.parse(await go('mod', 'download', '-json', module))
    for (const line of readFileSync(join(Dir, 'go.sum'), 'utf8').split('\n')) if (line) lines.add(line)
  }
  return `${[...lines].sort().join('\n')}\n`
}

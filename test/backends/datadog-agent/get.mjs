import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cached } from '../cached.mjs'
import { command } from '../command.mjs'
import { goIn } from '../go-program.mjs'

const agent = 'github.com/DataDog/datadog-agent'
const version = 'v0.76.0-rc.2'
/** Published versions whose sums are known, for two modules of which `version` has none. */
const instead = [`${agent}/pkg/trace/otel v0.77.0-devel`, `${agent}/pkg/util/cgroups v0.76.0-rc.3`]
/** Released with the sums of what they and the agent's modules need. */
const collector = 'github.com/open-telemetry/opentelemetry-collector-contrib'
const withSums = [
  `${agent}/pkg/trace@${version}`,
  `${collector}/receiver/datadogreceiver@v0.145.0`,
  `${collector}/pkg/datadog@v0.145.0`,
]

/** `main.go` built with Go at the first call, a minute or two, or `DATADOG_AGENT_BIN`: `{ path, version }`. */
export async function get() {
  const path = process.env.DATADOG_AGENT_BIN || (await cached(`datadog-agent-${version}`, build))
  return { path, version: version.slice(1) }
}

async function build({ folder, log }) {
  const go = goIn({ folder, log, timeoutMs: 20 * 60_000 })
  await command('go', ['version'], { log })
  const required = [`${agent}/pkg/trace ${version}`, ...instead]
  writeFileSync(join(folder, 'go.mod'), `module backend\ngo 1.25\nrequire (\n${required.join('\n')}\n)\n`)
  const lines = new Set()
  for (const module of withSums) {
    const { Dir } = JSON.parse(
      await goIn({ folder: join(folder, '..'), log, timeoutMs: 300_000 })('mod', 'download', '-json', module),
    )
    for (const line of readFileSync(join(Dir, 'go.sum'), 'utf8').split('\n')) if (line) lines.add(line)
  }
  writeFileSync(join(folder, 'go.sum'), `${[...lines].sort().join('\n')}\n`)
  copyFileSync(join(import.meta.dirname, 'main.go'), join(folder, 'main.go'))
  await go('build', '-mod=mod', '-ldflags', '-s -w', '-o', 'program', '.')
  return join(folder, 'program')
}

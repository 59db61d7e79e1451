import { command } from '../command.mjs'
import { goProgram } from '../go-program.mjs'

// One release, two numbers: its Go module is tagged 0.3xx.
const moduleVersion = 'v0.313.5'
const release = '3.13.5'
const module = 'github.com/prometheus/prometheus'

/** The Prometheus 3 program (`PROMETHEUS3_BIN`, else built with Go at the first call, minutes; without its UI): `{ path, version }`. */
export async function get() {
  const path = process.env.PROMETHEUS3_BIN || (await built())
  const stdout = await command(path, ['--version'])
  return { path, version: /version (\S+)/.exec(stdout)?.[1] ?? stdout.split('\n')[0] }
}

function built() {
  return goProgram({
    name: `prometheus-${release}`,
    module,
    version: moduleVersion,
    package: `${module}/cmd/prometheus`,
    ldflags: `-s -w -X github.com/prometheus/common/version.Version=${release}`,
    timeoutMs: 25 * 60_000,
  })
}

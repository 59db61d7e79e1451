import { command } from '../command.mjs'
import { goProgram } from '../go-program.mjs'

// One release, two numbers: Jaeger tags its Go module 1.x and the program in it 2.x.
const moduleVersion = 'v1.76.0'
const release = 'v2.13.0'
const module = 'github.com/jaegertracing/jaeger'

/** The Jaeger program (`JAEGER_BIN`, else built with Go at the first call, minutes): `{ path, version }`. */
export async function get() {
  const path = process.env.JAEGER_BIN || (await built())
  return { path, version: await versionOf(path) }
}

function built() {
  return goProgram({
    name: `jaeger-${release}`,
    module,
    version: moduleVersion,
    package: `${module}/cmd/jaeger`,
    ldflags: `-s -w -X ${module}/internal/version.latestVersion=${release}`,
    timeoutMs: 25 * 60_000,
  })
}

async function versionOf(path) {
  const stdout = await command(path, ['version'])
  const version = /"gitVersion":\s*"([^"]*)"/.exec(stdout)?.[1]
  if (version === undefined)
    throw new Error(`${path} is not Jaeger: \`version\` printed ${stdout.slice(0, 100) || 'nothing'}`)
  return version || 'unknown'
}

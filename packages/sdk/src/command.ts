import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { describe, isHashiraError } from '@hashira/core'
import { examine } from './doctor/doctor'
import { renderSections } from './doctor/render'
import { version } from './version'

const HELP = `hashira ${version}

  hashira doctor [folder]   looks at the app in folder (default: here): its configuration and where each value
                            comes from, exporters (asked whether they answer), duplicate or clashing packages,
                            what is observed, and, if the app runs, what was sampled, delivered and dropped

    --metrics-url URL       where the running app serves its metrics, default http://localhost:9464/metrics;
                            named, it must answer
    --json                  the report as JSON
    --strict                warnings fail as well

  hashira --version         the version
  hashira --help            this text

Exit code: 0 nothing is wrong, 1 something is (with --strict: or may be), 2 the command is not understood.
`

const OPTIONS = {
  'metrics-url': { type: 'string' },
  json: { type: 'boolean' },
  strict: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const

export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
}

/** The `hashira` command. Sets `process.exitCode`; never throws. */
export async function main(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  output: Output,
): Promise<void> {
  // What Hashira itself opens never keeps a process alive; this one has to wait for its answers.
  const alive = setInterval(() => {}, 60_000)
  try {
    process.exitCode = await run(args, env, output)
  } catch (error) {
    process.exitCode = 2
    output.write(
      `hashira: ${isHashiraError(error) ? error.message : String((error as Error)?.message ?? error)}\n`,
    )
  } finally {
    clearInterval(alive)
  }
}

async function run(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  output: Output,
): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  const [command, folder = '.', ...rest] = positionals
  if (values.version === true) {
    output.write(`${version}\n`)
    return 0
  }
  if (values.help === true || command === undefined) {
    output.write(HELP)
    return values.help === true ? 0 : 2
  }
  if (command !== 'doctor' || rest.length > 0) {
    output.write(`hashira: ${describe(positionals.join(' '))} is not a command; see hashira --help\n`)
    return 2
  }
  const metricsUrl = values['metrics-url']
  if (metricsUrl !== undefined && !/^https?:\/\//.test(metricsUrl)) {
    output.write(`hashira: --metrics-url is ${describe(metricsUrl)}, allowed is an http or https URL\n`)
    return 2
  }
  const sections = await examine({ folder: enter(resolve(folder)), metricsUrl, env })
  const isColored = output.isTTY === true && env['NO_COLOR'] === undefined
  output.write(
    values.json === true
      ? `${JSON.stringify({ sections }, null, 2)}\n`
      : `${renderSections(sections, isColored)}\n`,
  )
  const failing = values.strict === true ? ['problem', 'warning'] : ['problem']
  return sections.some(({ findings }) => findings.some(({ severity }) => failing.includes(severity))) ? 1 : 0
}

/** Everything is looked for from the app's own folder, as if its script had been started. */
function enter(folder: string): string {
  process.chdir(folder)
  process.argv[1] = join(folder, 'app.js')
  return folder
}

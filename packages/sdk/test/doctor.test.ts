import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

interface Finding {
  readonly severity: string
  readonly text: string
  readonly advice?: string
}

const folder = mkdtempSync(join(tmpdir(), 'hashira-doctor-'))
after(() => rmSync(folder, { recursive: true }))

const root = join(__dirname, '../../..')
const sections = async (run: Promise<{ stdout: string }>) =>
  Object.fromEntries(
    (JSON.parse((await run).stdout) as { sections: { title: string; findings: Finding[] }[] }).sections.map(
      (one) => [one.title, one.findings],
    ),
  )
const texts = (findings: Finding[] | undefined, severity?: string) =>
  (findings ?? [])
    .filter((one) => severity === undefined || one.severity === severity)
    .map(({ text }) => text)

async function doctor(
  args: readonly string[],
  env: Record<string, string> = {},
  cwd = folder,
): Promise<{ code: number; stdout: string }> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(OTEL|HASHIRA|NODE_OPTIONS|FORCE_COLOR)/.test(name),
  )
  const child = spawn(process.execPath, [join(root, 'packages/sdk/dist/cli.js'), ...args], {
    cwd,
    env: { ...Object.fromEntries(inherited), HASHIRA_PROMETHEUS_PORT: '9', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  const [code] = (await once(child, 'close')) as [number]
  return { code, stdout }
}

/** A package in the app's node_modules, or deeper in one of them. */
function install(name: string, version: string, below = ''): void {
  const home = join(folder, 'node_modules', below, name)
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, 'package.json'), JSON.stringify({ name, version, main: 'index.js' }))
  writeFileSync(join(home, 'index.js'), '')
}

function manifest(dependencies: Record<string, string>): void {
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'patient', version: '1.2.3', dependencies }),
  )
}

before(() => manifest({}))

describe('hashira doctor', () => {
  it('shows the configuration, and where each value comes from', async () => {
    const { Configuration } = await sections(
      doctor(['doctor', '--json'], {
        OTEL_TRACES_SAMPLER: 'traceidratio',
        OTEL_TRACES_SAMPLER_ARG: '0.25',
        HASHIRA_PROPAGATE_BAGGAGE_TO: 'a.example,b.example',
        OTEL_PROPAGATORS: 'pigeon',
        HASHIRA_QIET: 'true',
        OTEL_TRACES_EXPORTER: 'none',
      }),
    )
    const all = texts(Configuration)
    assert.ok(all.includes('service.name = patient (package.json)'), all.join('\n'))
    assert.ok(all.includes('sampler = "traceidratio" (OTEL_TRACES_SAMPLER)'))
    assert.ok(all.includes('propagateBaggageTo = a.example, b.example (HASHIRA_PROPAGATE_BAGGAGE_TO)'))
    assert.ok(all.includes('sampler: TraceIdRatioBased{0.25}'))
    assert.ok(texts(Configuration, 'warning').some((text) => text.startsWith('HASHIRA_QIET is set')))
  })

  it('says what start() would warn of', async () => {
    const { Configuration } = await sections(
      doctor(['doctor', '--json'], { HASHIRA_SHUTDOWN_TIMEOUT: 'soon', OTEL_TRACES_EXPORTER: 'nowhere' }),
    )
    const warnings = texts(Configuration, 'warning')
    assert.ok(
      warnings.some((text) => text.includes('"soon"')),
      warnings.join('\n'),
    )
    assert.ok(warnings.some((text) => text.includes('"nowhere" is not installed')))
  })

  it('asks each exporter’s backend', async () => {
    const asked: string[] = []
    const backend = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers['x-key']}`)
      response.writeHead(request.url === '/v1/traces' ? 200 : 404).end()
    })
    await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`
    const run = doctor(['doctor', '--json'], {
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-key=hidden-secret',
    })
    const { Exporters } = await sections(run)
    backend.close()
    assert.deepEqual(texts(Exporters, 'ok'), [`traces → otlp ${url}/v1/traces: answers 200`])
    assert.deepEqual(texts(Exporters, 'problem'), [
      `metrics → otlp ${url}/v1/metrics: answers 404: nothing is at this path`,
    ])
    assert.deepEqual(asked.sort(), ['POST /v1/metrics hidden-secret', 'POST /v1/traces hidden-secret'])
    assert.equal((await run).code, 1)
    assert.equal((await run).stdout.includes('hidden-secret'), false)
  })

  it('a backend that refuses connections is a problem, and one that says nothing too', async () => {
    const silent = createTcpServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    const refused = await sections(
      doctor(['doctor', '--json'], {
        OTEL_TRACES_EXPORTER: 'otlp',
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      }),
    )
    const mute = await sections(
      doctor(['doctor', '--json'], { OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_ENDPOINT: url }),
    )
    silent.close()
    assert.match(texts(refused['Exporters'], 'problem')[0]!, /ECONNREFUSED/)
    assert.match(texts(mute['Exporters'], 'problem')[0]!, /no answer within 2000 ms/)
  })

  it('finds copies that must be one, and packages that do the same work', async () => {
    install('@opentelemetry/api', '1.9.0')
    install('@opentelemetry/api', '0.20.0', 'old-library/node_modules')
    install('prom-client', '15.1.3')
    install('prom-client', '14.2.0', 'metrics-library/node_modules')
    install('@prometheus-io/client', '1.0.0')
    install('@hashira/core', '0.1.0')
    install('@hashira/core', '0.0.9', 'some-plugin/node_modules')
    install('dd-trace', '5.0.0')
    const { Packages } = await sections(doctor(['doctor', '--json']))
    const all = texts(Packages).join('\n')
    assert.match(
      all,
      /@opentelemetry\/api is installed in 2 major versions: (1\.9\.0, 0\.20\.0|0\.20\.0, 1\.9\.0)/,
    )
    assert.match(all, /prom-client is installed 2 times/)
    assert.match(all, /prom-client and its successor/)
    assert.match(all, /@hashira\/core is installed 2 times/)
    assert.match(all, /different versions/)
    assert.match(all, /dd-trace is installed/)
    rmSync(join(folder, 'node_modules'), { recursive: true })
    assert.deepEqual(texts((await sections(doctor(['doctor', '--json'])))['Packages']), [
      'no duplicate or clashing packages',
    ])
  })

  it('follows links that lead in a circle no further than once', async () => {
    install('a', '1.0.0')
    mkdirSync(join(folder, 'node_modules/a/node_modules'), { recursive: true })
    symlinkSync(join(folder, 'node_modules/a'), join(folder, 'node_modules/a/node_modules/a'))
    assert.equal((await doctor(['doctor', '--json'])).code, 0)
    rmSync(join(folder, 'node_modules'), { recursive: true })
  })

  it('says which of the app’s frameworks are observed, and what a bundle hides', async () => {
    manifest({ express: '5', fastify: '3', pino: '10', esbuild: '1' })
    install('express', '5.1.0')
    install('fastify', '3.0.0')
    install('pino', '10.4.0')
    const { Hooks } = await sections(doctor(['doctor', '--json'], { NODE_OPTIONS: '' }))
    assert.ok(texts(Hooks, 'ok').includes('pino 10.4.0'))
    assert.deepEqual(texts(Hooks, 'warning'), ['express 5.1.0 is not observed'])
    assert.deepEqual(texts(Hooks, 'problem'), ['fastify 3.0.0 is not supported'])
    assert.ok(texts(Hooks, 'note').some((text) => text.includes('esbuild')))
    rmSync(join(folder, 'node_modules'), { recursive: true })
    manifest({})
  })

  it('reads what a running app says of itself', async () => {
    const app = spawn(
      process.execPath,
      ['--import', 'hashira/register', join(__dirname, 'fixtures/running-app.mjs')],
      {
        cwd: root,
        env: {
          ...process.env,
          HASHIRA_QUIET: 'true',
          HASHIRA_PROMETHEUS_PORT: '0',
          OTEL_TRACES_EXPORTER: 'otlp',
          OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
          OTEL_BSP_SCHEDULE_DELAY: '10',
          HASHIRA_PARENT_PID: undefined,
        },
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    )
    const [line] = (await once(app.stdout.setEncoding('utf8'), 'data')) as [string]
    const run = doctor(['doctor', '--json', '--metrics-url', line.trim()])
    const found = await sections(run).finally(() => app.stdin.end())
    await once(app, 'close')
    const all = texts(found['Running app']).join('\n')
    assert.match(all, /observed: .*node:http servers/)
    assert.match(all, /2 spans started, 100\.0 % sampled/)
    assert.match(
      texts(found['Running app'], 'problem')[0] ?? all,
      /otlp traces: 0 delivered, 2 pending; its destination does not take what it gets/,
    )
    assert.equal((await run).code, 1)
  })

  it('an app that is named and does not answer is a problem, one that is not named is none', async () => {
    const named = doctor(['doctor', '--json', '--metrics-url', 'http://127.0.0.1:9/metrics'], {
      OTEL_TRACES_EXPORTER: 'none',
    })
    assert.equal((await named).code, 1)
    assert.equal((await doctor(['doctor'], { OTEL_TRACES_EXPORTER: 'none' })).code, 0)
  })

  it('is one screen of text, without colours where it is no terminal', async () => {
    const { stdout, code } = await doctor(['doctor'], { OTEL_TRACES_EXPORTER: 'none' })
    assert.equal(code, 0)
    assert.match(stdout, /^Environment\n {2}✔ hashira \d+\.\d+\.\d+, Node /)
    assert.equal(stdout.includes('\x1b'), false)
    assert.ok(stdout.split('\n').length < 45, stdout)
  })

  it('--strict makes warnings fail', async () => {
    assert.equal((await doctor(['doctor'])).code, 0)
    assert.equal((await doctor(['doctor', '--strict'])).code, 1)
  })

  it('explains itself, and what it does not understand', async () => {
    assert.match((await doctor(['--help'])).stdout, /hashira doctor \[folder\]/)
    assert.match((await doctor(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/)
    assert.equal((await doctor([])).code, 2)
    const wrong = await doctor(['docter'])
    assert.deepEqual(
      [wrong.code, wrong.stdout],
      [2, 'hashira: "docter" is not a command; see hashira --help\n'],
    )
    assert.equal((await doctor(['doctor', '--colour'])).code, 2)
    assert.equal((await doctor(['doctor', '--metrics-url', 'localhost'])).code, 2)
    assert.equal((await doctor(['doctor', '/nowhere/at/all'])).code, 2)
  })
})

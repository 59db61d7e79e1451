import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface AppRun {
  readonly code: number | null
  /** Lines of the app's own logger. */
  readonly logged: readonly Record<string, unknown>[]
  readonly stderr: string
}

/** Runs an app of `apps/` (or a path), with `hashira/register` in front of it unless `args` says otherwise. */
export async function runApp(
  file: string,
  env: Record<string, string>,
  args: readonly string[] = ['--import', 'hashira/register'],
): Promise<AppRun> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(OTEL|HASHIRA|NODE_OPTIONS)/.test(name))
  const script = file.startsWith('/') ? file : join(import.meta.dirname, 'apps', file)
  const child = spawn(process.env['HASHIRA_TEST_NODE'] ?? process.execPath, [...args, script], {
    cwd: join(import.meta.dirname, '../..'),
    env: { ...Object.fromEntries(inherited), HASHIRA_PROMETHEUS_PORT: '0', PINO: 'pino', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
    })
  }
  const [code] = (await once(child, 'close')) as [number | null]
  const logged = output.stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  return { code, logged, stderr: output.stderr }
}

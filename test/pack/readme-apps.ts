import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts } from '../backends/free-ports.mjs'

const readme = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8')

/** The whole apps that the README shows, by the package that they are for. */
export const readmeApps = new Map(
  [...readme.matchAll(/^```ts\n(\/\/ app\.mjs\n[^`]*)```$/gm)].map(([, text]) => [
    /'(@hashira\/(?:express|fastify))'/.exec(text!)![1]!,
    text!,
  ]),
)

export interface RunningApp {
  readonly origin: string
  readonly metricsUrl: string
  readonly output: { stdout: string; stderr: string }
  stop(): Promise<void>
}

/** Runs one of them in `folder` as it stands, but on ports of its own. */
export async function runReadmeApp(
  text: string,
  folder: string,
  env: Record<string, string>,
): Promise<RunningApp> {
  const [port, metricsPort] = (await freePorts(2, '127.0.0.1')) as [number, number]
  writeFileSync(join(folder, 'readme.mjs'), text.replace('3000', String(port)))
  const child = spawn(process.execPath, ['readme.mjs'], {
    cwd: folder,
    env: { ...process.env, HASHIRA_PROMETHEUS_PORT: String(metricsPort), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
    })
  }
  return {
    origin: `http://localhost:${port}`,
    metricsUrl: `http://localhost:${metricsPort}/metrics`,
    output,
    stop: () => stop(child),
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

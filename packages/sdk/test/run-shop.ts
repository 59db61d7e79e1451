import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface ShopRun {
  /** What each step said. */
  readonly said: unknown[]
  /** Hashira's own lines. */
  readonly lines: string[]
  readonly code: number | null
}

/** Runs `fixtures/shop/app.mjs` in a process of its own. */
export async function runShop(
  steps: readonly string[],
  env: Record<string, string> = {},
  cwd?: string,
): Promise<ShopRun> {
  const folder = join(__dirname, 'fixtures', 'shop')
  const inherited = Object.entries(process.env).filter(([name]) => !/^(OTEL|HASHIRA)_/.test(name))
  const child = spawn(process.execPath, [join(folder, 'app.mjs')], {
    cwd: cwd ?? folder,
    env: {
      ...Object.fromEntries(inherited),
      HASHIRA_PROMETHEUS_PORT: '0',
      ...env,
      STEPS: JSON.stringify(steps),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const [code] = (await once(child, 'close')) as [number | null]
  const said = stdout.split('\n').filter((line) => line !== '')
  if (code !== 0 && said.length === 0) throw new Error(stderr)
  return {
    said: said.map((line) => JSON.parse(line) as unknown),
    lines: stderr.split('\n').filter((line) => line.startsWith('hashira:')),
    code,
  }
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onServerCore } from '../lib/cores.mjs'

const main = fileURLToPath(new URL('./server/main.mjs', import.meta.url))

/** Starts the server of one variant on its own core and waits until it listens. */
export async function startServer({ node, framework, variant, hashiraFolder, ports }) {
  const args = ['--expose-gc', ...(variant.require ? ['--require', variant.require()] : []), main]
  const started = performance.now()
  const child = spawn(...onServerCore(node, args), {
    env: {
      ...withoutTelemetrySettings(process.env),
      NODE_ENV: 'production',
      BENCH_FRAMEWORK: framework,
      BENCH_INSTRUMENTATION: variant.instrumentation ?? '',
      BENCH_LOGS: String(variant.logs),
      BENCH_HASHIRA_FOLDER: hashiraFolder ?? '',
      ...variant.env?.(ports),
    },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr = (stderr + chunk).slice(-4000)
  })
  const listening = await firstMessage(child, () => stderr)
  return new ServerProcess(child, listening, performance.now() - started, () => stderr)
}

class ServerProcess {
  #child
  #stderr

  constructor(child, listening, startMs, stderr) {
    this.#child = child
    this.#stderr = stderr
    this.port = listening.port
    this.startMs = startMs
    this.startCpuMs = listening.cpuMicros / 1000
  }

  /** What the end of stderr says: where an instrumentation reports that it could not export. */
  get stderr() {
    return this.#stderr()
  }

  /** `{ cpuMicros, rss, lines, bytes, last }` of the process since it began. */
  sample() {
    this.#child.send('sample')
    return firstMessage(this.#child, this.#stderr)
  }

  /** A major garbage collection while nothing is under way. */
  collect() {
    this.#child.send('collect')
    return firstMessage(this.#child, this.#stderr)
  }

  /** Ends the process: by SIGTERM, so that SDKs flush, or at once by SIGKILL, which also follows when SIGTERM does not help. */
  async stop(signal = 'SIGTERM') {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill(signal)
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 8000)
    await ended
    clearTimeout(timer)
  }
}

async function firstMessage(child, stderr) {
  const aborted = new AbortController()
  const { signal } = aborted
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message),
      once(child, 'exit', { signal }).then(([code, by]) => {
        throw new Error(`the server ended with ${by ?? code}: ${errorIn(stderr())}`)
      }),
    ])
  } finally {
    aborted.abort()
  }
}

function errorIn(stderr) {
  return /^.*Error\b.*$/m.exec(stderr)?.[0] ?? stderr.trim().slice(-300)
}

function withoutTelemetrySettings(env) {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(OTEL|DD|HASHIRA|NODE_OPTIONS)/.test(name)),
  )
}

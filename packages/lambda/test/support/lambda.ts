import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { OtlpReceiver } from './otlp-receiver'
import { type Answer, type Invoke, RuntimeApi } from './runtime-api'

const here = __dirname

/**
 * What runs the handler: our own runtime, or AWS's published client (`aws-lambda-ric`), whose unpacked folder
 * `HASHIRA_TEST_LAMBDA_RIC` names. Its native part does nothing but HTTP; `native-client.cjs` stands in for it.
 */
const ric = process.env['HASHIRA_TEST_LAMBDA_RIC']

/** One function: its process, the Runtime API that feeds it and the collector that its telemetry goes to. */
export class Lambda {
  readonly api = new RuntimeApi()
  readonly received = new OtlpReceiver()
  #child: ChildProcess | undefined
  output = ''

  async start(file: string, handler: string, env: Record<string, string> = {}): Promise<void> {
    const [api, endpoint] = [await this.api.listen(), await this.received.listen()]
    const folder = join(here, '..', 'functions')
    const handlerName = `${file.replace(/\.[cm]?js$/, '')}.${handler}`
    const args =
      ric === undefined
        ? [join(here, 'runtime-client.mjs'), join(folder, file), handler]
        : [
            '--require',
            join(here, 'native-client.cjs'),
            ricMain(ric),
            `${file.replace(/\.[cm]?js$/, '')}.${handler}`,
          ]
    const child = spawn(process.execPath, args, {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        AWS_LAMBDA_RUNTIME_API: api,
        LAMBDA_TASK_ROOT: folder,
        _HANDLER: handlerName,
        AWS_LAMBDA_FUNCTION_NAME: 'shop',
        AWS_LAMBDA_FUNCTION_VERSION: '7',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
        AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/shop',
        AWS_LAMBDA_LOG_STREAM_NAME: '2026/11/26/[7]0',
        AWS_REGION: 'eu-west-1',
        HASHIRA_EXPORTERS: 'otlp',
        OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_NODE_RESOURCE_DETECTORS: 'lambda',
        // Whatever arrives was flushed, not sent by its schedule.
        OTEL_BSP_SCHEDULE_DELAY: '600000',
        OTEL_METRIC_EXPORT_INTERVAL: '600000',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        this.output += String(chunk)
      })
    this.#child = child
    child.once('exit', () => this.api.processEnded())
    this.api.pid = child.pid!
  }

  invoke(event: unknown, options: Omit<Invoke, 'event'> = {}): Promise<Answer> {
    return this.api.invoke({ event, ...options })
  }

  async stop(): Promise<void> {
    this.api.close()
    this.received.close()
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
}

/** Its `bin`, which moved from one major version to the next. */
function ricMain(folder: string): string {
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return join(folder, bin['aws-lambda-ric'])
}

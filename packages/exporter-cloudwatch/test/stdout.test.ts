import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { readEmf } from './emf-rules'

/** A process that has one counter to tell and then does `then`; its stdout by lines, and how it ended. */
async function run(
  then: string,
  closeStdout = false,
): Promise<{ lines: string[]; code: number | null; errors: string }> {
  const code = `
    const { createMetricPipeline, deliverAtExit } = require('@hashira/delivery')
    const { cloudwatch } = require('@hashira/exporter-cloudwatch')
    const { AttributeList } = require('@hashira/core')
    const points = Array.from({ length: 3000 }, (_, i) => ({ attributes: ['i', i], startTimeUnixMs: 0, value: 1 }))
    const family = { name: 'g', naming: 'opentelemetry', description: '', unit: '', type: 'gauge', points }
    const collect = async () => ({ families: [family], failures: [], timeUnixMs: Date.now() })
    const { metrics: push } = cloudwatch()
    const resource = { attributes: new AttributeList(['service.name', 'shop']) }
    const pipeline = createMetricPipeline({ exporter: 'cloudwatch', push, resource, collect })
    process.on('exit', () => {
      deliverAtExit([pipeline], 500)
      process.stderr.write(JSON.stringify(pipeline.account()) + '\\n')
    })
    ${then}`
  const env = { ...process.env, AWS_LAMBDA_FUNCTION_NAME: 'shop', AWS_EMF_AGENT_ENDPOINT: '' }
  const child = spawn(process.execPath, ['-e', code], { cwd: __dirname, env })
  let output = ''
  let errors = ''
  if (closeStdout) child.stdout.destroy()
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (errors += chunk))
  const [exitCode] = (await once(child, 'close')) as [number | null]
  return { lines: output.split('\n').filter((line) => line !== ''), code: exitCode, errors }
}

describe('stdout, which Lambda is told of by its environment', () => {
  it('has one document a line', async () => {
    const { lines, code, errors } = await run('pipeline.flush(Date.now() + 10_000)')
    assert.equal(code, 0, errors)
    assert.equal(lines.flatMap((line) => readEmf(line)).length, 3_000)
    // Nobody but the agent wants to be told of a log group.
    assert.equal(JSON.parse(lines[0]!)._aws.LogGroupName, undefined)
  })

  it('loses nothing at process.exit()', async () => {
    // A batch that waits for its turn is there only for a moment.
    const { lines, errors } = await run(
      `pipeline.flush(Date.now() + 10_000)
       const exitWhilePending = () =>
         pipeline.account().pending > 0 ? process.exit(0) : setImmediate(exitWhilePending)
       exitWhilePending()`,
    )
    const { ended, delivered, pending, dropped } = JSON.parse(errors)
    assert.ok(ended > 0)
    assert.deepEqual({ delivered, pending, dropped }, { delivered: ended, pending: 0, dropped: {} })
    assert.equal(lines.flatMap((line) => readEmf(line)).length, ended)
  })

  it('a reader that is gone is a drop, and no error of the app', async () => {
    const { code, errors } = await run(
      'pipeline.flush(Date.now() + 10_000).then(() => setTimeout(() => {}, 50))',
      true,
    )
    assert.equal(code, 0, errors)
    const { ended, dropped } = JSON.parse(errors.trim().split('\n').at(-1)!)
    assert.deepEqual(dropped, { stdout_error: ended })
  })
})

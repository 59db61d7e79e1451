import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { PassThrough, Writable } from 'node:stream'
import { describe, it } from 'node:test'
import { AttributeList, isHashiraError, type PushTraces, type SpanRecord } from '@hashira/core'
import { createPipeline } from '@hashira/delivery'
import { type ConsoleOptions, console as consoleExporter } from '@hashira/exporter-console'

const traceId = '0af7651916cd43dd8448eb211c80319c'

function record(given: Partial<SpanRecord>): SpanRecord {
  return {
    traceId,
    spanId: 'b7ad6b7169203331',
    parentSpanId: undefined,
    parentIsRemote: false,
    traceFlags: 1,
    traceState: undefined,
    isLocalRoot: false,
    scope: { name: 'test', version: undefined, schemaUrl: undefined },
    kind: 0,
    name: 'span',
    startSeconds: 1_795_411_000,
    startNanos: 0,
    endSeconds: 1_795_411_000,
    endNanos: 20_000_000,
    attributes: new AttributeList(),
    events: [],
    links: [],
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    statusCode: 0,
    statusMessage: undefined,
    ...given,
  }
}

const root = (given: Partial<SpanRecord> = {}) =>
  record({ name: 'GET /a', kind: 1, isLocalRoot: true, ...given })
const child = (given: Partial<SpanRecord> = {}) =>
  record({ name: 'work', spanId: 'a7ad6b7169203331', parentSpanId: 'b7ad6b7169203331', ...given })

function pipelineTo(stream: Writable, options: ConsoleOptions = {}) {
  const { transport, limits, createEncoder } = consoleExporter({ stream, ...options }).traces as PushTraces
  const resource = { attributes: new AttributeList(['service.name', 'shop']) }
  const encoder = createEncoder(resource)
  return createPipeline({ exporter: 'console', signal: 'traces', encoder, transport, limits })
}

const soon = () => Date.now() + 5_000

describe('console()', () => {
  it('prints one tree per trace when its root has ended', async () => {
    const stream = new PassThrough({ encoding: 'utf8' })
    const pipeline = pipelineTo(stream)
    pipeline.append(child({ statusCode: 2, statusMessage: 'no luck' }))
    await pipeline.flush(soon())
    assert.equal(stream.read(), null)
    pipeline.append(root({ attributes: new AttributeList(['http.response.status_code', 200]) }))
    await pipeline.flush(soon())
    const lines = String(stream.read()).split('\n')
    assert.equal(lines[0], `shop · trace ${traceId} · 2 spans · 20.0 ms`)
    assert.match(lines[1] as string, /^GET \/a .*20\.0 ms .*server http\.response\.status_code=200$/)
    assert.match(lines[2] as string, /^└─ work .*✗ no luck$/)
    assert.deepEqual(lines.slice(3), ['', ''])
    const { ended, delivered, pending } = pipeline.account()
    assert.deepEqual({ ended, delivered, pending }, { ended: 2, delivered: 2, pending: 0 })
    await pipeline.shutdown(soon())
  })

  it('prints within its short interval, without a flush', async () => {
    const stream = new PassThrough({ encoding: 'utf8' })
    const pipeline = pipelineTo(stream)
    pipeline.append(root())
    const text = await nextText(stream)
    assert.match(text, /GET \/a/)
    await pipeline.shutdown(soon())
  })

  it('takes the exception for the error when the status has no text', async () => {
    const stream = new PassThrough({ encoding: 'utf8' })
    const pipeline = pipelineTo(stream)
    const attributes = new AttributeList(['exception.message', 'boom'])
    pipeline.append(
      root({ statusCode: 2, events: [{ name: 'exception', timeSeconds: 1, timeNanos: 0, attributes }] }),
    )
    await pipeline.shutdown(soon())
    assert.match(String(stream.read()), /✗ boom/)
  })

  it('prints spans without their root after a while, and at shutdown', async () => {
    const stream = new PassThrough({ encoding: 'utf8' })
    const pipeline = pipelineTo(stream, { patienceMs: 20 })
    pipeline.append(child())
    await pipeline.flush(soon())
    const late = await nextText(stream)
    assert.match(late, /1 span · 20\.0 ms · its root has not ended\nwork/)
    stream.resume()

    const atEnd = new PassThrough({ encoding: 'utf8' })
    const ending = pipelineTo(atEnd)
    ending.append(child())
    await ending.shutdown(soon())
    assert.match(String(atEnd.read()), /its root has not ended/)
    await pipeline.shutdown(soon())
    assert.equal(process.listeners('exit').filter(({ name }) => name.includes('print')).length, 0)
  })

  it('counts what could not be written as dropped', async () => {
    const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) })
    broken.on('error', () => {})
    const pipeline = pipelineTo(broken)
    pipeline.append(root())
    await pipeline.shutdown(soon())
    assert.deepEqual(pipeline.account().dropped, { console_error: 1 })
  })

  it('refuses bad options', () => {
    for (const options of [{ to: 'printer' }, { stream: {} }, { attributes: 'some' }, { patienceMs: 0 }]) {
      assert.throws(
        () => consoleExporter(options as object),
        (error) => isHashiraError(error) && error.code === 'HASHIRA_OPTION_INVALID',
      )
    }
  })

  it('colours a terminal unless NO_COLOR is set', () => {
    const print = `
      const { console: exporter } = require('@hashira/exporter-console')
      const stream = { isTTY: true, write: (text, done) => { process.stdout.write(text); done() } }
      const { transport, createEncoder } = exporter({ stream }).traces
      const encoder = createEncoder({ attributes: { get: () => 'shop' } })
      encoder.append({ traceId: 't', spanId: 's', isLocalRoot: true, name: 'n', kind: 0, startSeconds: 1, startNanos: 0,
        endSeconds: 1, endNanos: 0, statusCode: 0, events: [], attributes: { toObject: () => ({}) } })
      transport.send(encoder.take())`
    const run = (env: Record<string, string>) =>
      execFileSync(process.execPath, ['-e', print], {
        cwd: __dirname,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], ...env },
      })
    assert.ok(run({}).includes('\x1b['))
    assert.ok(!run({ NO_COLOR: '1' }).includes('\x1b['))
  })

  it('shows spans that wait when the process exits', () => {
    const exit = `
      const { console: exporter } = require('@hashira/exporter-console')
      const { transport, createEncoder } = exporter().traces
      const encoder = createEncoder({ attributes: { get: () => 'shop' } })
      encoder.append({ traceId: 't', spanId: 's', parentSpanId: 'p', isLocalRoot: false, name: 'orphan', kind: 0, startSeconds: 1,
        startNanos: 0, endSeconds: 1, endNanos: 0, statusCode: 0, events: [], attributes: { toObject: () => ({}) } })
      transport.send(encoder.take()).then(() => process.exit(0))`
    const text = execFileSync(process.execPath, ['-e', exit], { cwd: __dirname, encoding: 'utf8' })
    assert.match(text, /orphan/)
  })
})

/** The next text; the timer keeps the process alive, which nothing of Hashira's does. */
function nextText(stream: PassThrough): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(reject, 5_000, new Error('nothing printed'))
    stream.once('data', (text: string) => {
      clearTimeout(timer)
      resolve(text)
    })
  })
}

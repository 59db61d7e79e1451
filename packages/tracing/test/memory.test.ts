import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, it } from 'node:test'

/** Runs `script` in a process that may collect garbage, with `tracer`, `core` and a span sink that keeps nothing. */
function run(script: string): string {
  const prelude = `
    const { tracer, enableTracing, alwaysOnSampler } = require(${JSON.stringify(join(__dirname, '../dist/index.js'))})
    const core = require('@hashira/core')
    enableTracing({ sampler: alwaysOnSampler, sinks: [{ append() {}, refuse() {} }] })
    const settle = async () => { for (let i = 0; i < 5; i++) { await new Promise(setImmediate); gc() } }
  `
  const body = `(async () => {${script}})().catch((error) => { console.error(error); process.exit(1) })`
  const options = { cwd: __dirname, encoding: 'utf8', timeout: 60_000 } as const
  return execFileSync(process.execPath, ['--expose-gc', '-e', prelude + body], options).trim()
}

describe('memory', () => {
  it('an ended span held by a context keeps none of its data', () => {
    const output = run(`
      const held = []
      function request() {
        const error = new Error('x')
        const tags = ['x'.repeat(100)]
        const attributes = { tags }
        const span = tracer.startSpan('a', { attributes })
        span.addEvent('e', attributes)
        span.addLink({ context: span.spanContext(), attributes })
        span.fail(error)
        held.push(core.withSpan(core.rootContext, span))
        span.end()
        return [new WeakRef(error), new WeakRef(attributes), new WeakRef(tags)]
      }
      const refs = request()
      await settle()
      console.log(refs.filter((ref) => ref.deref() !== undefined).length, core.spanOf(held[0]).isRecording())
    `)
    assert.equal(output, '0 false')
  })

  it('100,000 ended spans held by contexts are small, whatever they carried', () => {
    const output = run(`
      const held = []
      await settle()
      const before = process.memoryUsage().heapUsed
      for (let i = 0; i < 100_000; i++) {
        const span = tracer.startSpan('a')
        for (let k = 0; k < 10; k++) span.setAttribute('key' + k, 'value ' + i + 'x'.repeat(20))
        span.addEvent('event', { i })
        span.end()
        held.push(core.withSpan(core.rootContext, span))
        if (i % 10_000 === 0) await new Promise(setImmediate)
      }
      await settle()
      console.log(Math.round((process.memoryUsage().heapUsed - before) / held.length))
    `)
    const bytesPerSpan = Number(output)
    assert.ok(bytesPerSpan < 500, `${bytesPerSpan} bytes a span`)
  })

  it('a child keeps nothing of its parent', () => {
    const output = run(`
      const children = []
      function request() {
        const span = tracer.startSpan('parent')
        children.push(tracer.startSpan('child', {}, core.withSpan(core.rootContext, span)))
        return new WeakRef(span)
      }
      const ref = request()
      await settle()
      console.log(ref.deref(), children[0].isRecording())
    `)
    assert.equal(output, 'undefined true')
  })

  it('a value that was cut does not keep the whole text', () => {
    const output = run(`
      const spans = []
      await settle()
      const before = process.memoryUsage().heapUsed
      for (let i = 0; i < 50; i++) spans.push(tracer.startSpan('a', { attributes: { big: Buffer.alloc(2 ** 20, 'x').toString('latin1') } }))
      await settle()
      console.log(process.memoryUsage().heapUsed - before, spans.length)
    `)
    assert.ok(Number(output.split(' ')[0]) < 5_000_000, output)
  })
})

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { buildSync } from 'esbuild'

const env = {
  PATH: process.env['PATH'],
  HASHIRA_QUIET: 'true',
  HASHIRA_PROMETHEUS_PORT: '0',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
}

function run(program: string): unknown {
  const text = `const hashira = ${JSON.stringify(join(__dirname, '..'))};${program}`
  return JSON.parse(execFileSync(process.execPath, ['-e', text], { env }).toString())
}

const LOADED = `
  const builtin = process.moduleLoadList.filter((name) => /^NativeModule (?!internal)/.test(name))
  const files = Object.keys(require.cache)
  console.log(JSON.stringify({ builtin, files }))
  process.exit()
`
interface Loaded {
  builtin: string[]
  files: string[]
}

describe('what starting with the defaults loads', () => {
  const framework = `require('fastify'); require('pino'); const { createServer } = require('node:http');`
  const before = run(`${framework} createServer().listen(0, () => { ${LOADED} })`) as Loaded
  const after = run(
    `${framework} require(hashira).start(); createServer().listen(0, () => { ${LOADED} })`,
  ) as Loaded

  it('no built-in module that may be slow and an app need not have', () => {
    const added = after.builtin.filter((name) => !before.builtin.includes(name))
    const slow = ['dns/promises', 'fs/promises', 'http2', 'timers/promises', 'v8', 'zlib']
    assert.deepEqual(
      added.filter((name) => slow.includes(name.replace('NativeModule ', ''))),
      [],
    )
  })

  it('no API of OpenTelemetry, and one file of each package', () => {
    const added = after.files.filter((file) => !before.files.includes(file))
    assert.deepEqual(
      added.filter((file) => file.includes('opentelemetry')),
      [],
    )
    const ours = added.filter((file) => file.includes(join('dist', 'index.js')))
    assert.ok(ours.length >= 9, ours.join())
    const others = added.filter((file) => !ours.includes(file) && !file.includes('prom-client'))
    assert.deepEqual(others, [])
  })
})

describe('the API of OpenTelemetry, whenever it is loaded', () => {
  const API = `const { context, metrics, propagation, trace } = require('@opentelemetry/api');`
  const START = `const running = require(hashira).start({ exporters: [] });`
  const SEEN = `
    const span = trace.getTracer('app').startSpan('one')
    const active = context.with(trace.setSpan(context.active(), span), () => trace.getActiveSpan() === span)
    const headers = {}
    propagation.inject(trace.setSpan(context.active(), span), headers)
    const meter = metrics.getMeter('app').constructor.name
    console.log(JSON.stringify({ recording: span.isRecording(), active, header: headers.traceparent?.includes(span.spanContext().traceId), meter }))
    process.exit()
  `
  const works = { recording: true, active: true, header: true, meter: 'ScopedMeter' }

  it('is Hashira’s when it is loaded before, after, or between', () => {
    assert.deepEqual(run(API + START + SEEN), works)
    assert.deepEqual(run(START + API + SEEN), works)
    assert.deepEqual(run(`require(hashira); ${API} ${START} ${SEEN}`), works)
  })

  it('brings tracers to life that were taken before start()', () => {
    const early = `const early = trace.getTracer('early');`
    const seen = `console.log(early.startSpan('one').isRecording()); process.exit()`
    assert.equal(run(API + early + START + seen), true)
    assert.equal(run(`require(hashira); ${API} ${early} ${START} ${seen}`), true)
  })

  it('does so in a bundle, where nobody can tell whether it is loaded', () => {
    const contents = `
      const early = require('@opentelemetry/api').trace.getTracer('early')
      require(${JSON.stringify(join(__dirname, '..'))}).start({ exporters: [] })
      console.log(early.startSpan('one').isRecording())
      process.exit()
    `
    const external = ['pino', 'prom-client', 'prom-client/*']
    const { outputFiles } = buildSync({
      stdin: { contents, resolveDir: __dirname },
      bundle: true,
      platform: 'node',
      external,
      write: false,
    })
    const program = outputFiles[0]!.text
    const output = execFileSync(process.execPath, ['-'], { env, cwd: __dirname, input: program })
    assert.equal(output.toString().trim(), 'true')
  })

  it('has meters that measure from the import on', () => {
    const seen = `console.log(JSON.stringify(metrics.getMeter('app').constructor.name)); process.exit()`
    assert.equal(run(`require(hashira); ${API} ${seen}`), 'ScopedMeter')
  })

  it('is free after the shutdown, whether it was used or not', () => {
    const seen = `
      running.shutdown().then(() => {
        ${API}
        const registered = trace.setGlobalTracerProvider({ getTracer() {} }) && context.setGlobalContextManager({ disable() {} })
        console.log(JSON.stringify([registered, metrics.setGlobalMeterProvider({ getMeter() {} })]))
        process.exit()
      })
    `
    assert.deepEqual(run(START + seen), [true, true])
    assert.deepEqual(run(`${START} require('@opentelemetry/api').trace.getTracer('app'); ${seen}`), [
      true,
      true,
    ])
  })

  it('is another SDK’s that is started in the place of Hashira, whatever that registers first', () => {
    const provider = `const other = { getMeter() {}, getTracer() {} };`
    const meters = 'metrics.setGlobalMeterProvider(other)'
    const tracers = 'trace.setGlobalTracerProvider(other)'
    const print = (one: string, two: string) =>
      `console.log(JSON.stringify([${one}, ${two}, metrics.getMeterProvider() === other])); process.exit()`
    const imported = `require(hashira); ${API} ${provider}`
    assert.deepEqual(run(imported + print(meters, tracers)), [true, true, true])
    assert.deepEqual(run(imported + print(tracers, meters)), [true, true, true])
  })

  it('keeps its meters when another SDK registers everything else', () => {
    const other = `trace.setGlobalTracerProvider({ getTracer() {} });`
    const seen = `console.log(JSON.stringify(metrics.getMeter('app').constructor.name)); process.exit()`
    assert.equal(run(`require(hashira); ${API} ${other} ${seen}`), 'ScopedMeter')
  })

  it('gives start() away to nobody', () => {
    const other = `
      let code
      try { require(hashira).start({ exporters: [] }) } catch (error) { code = error.code }
      console.log(JSON.stringify(code)); process.exit()
    `
    const registered = `${API} trace.setGlobalTracerProvider({ getTracer() {} });`
    assert.equal(run(`${registered} ${other}`), 'HASHIRA_OTEL_SDK_REGISTERED')
    assert.equal(run(`require(hashira); ${registered} ${other}`), 'HASHIRA_OTEL_SDK_REGISTERED')
    const late = `console.log(trace.setGlobalTracerProvider({ getTracer() {} })); process.exit()`
    assert.equal(run(START + API + late), false)
  })
})

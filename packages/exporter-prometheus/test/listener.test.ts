import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import {
  AttributeList,
  activeContext,
  collectMetrics,
  isHashiraError,
  isTracingSuppressed,
  type PullMetrics,
  rootContext,
  runInContext,
  setDiagnosticSink,
} from '@hashira/core'
import { prometheus } from '@hashira/exporter-prometheus'
import { scrape, serve, snapshotOf } from './serve'

const host = { resource: { attributes: new AttributeList() }, collect: collectMetrics }

function diagnostics(t: TestContext): string[] {
  const lines: string[] = []
  setDiagnosticSink((_, line) => lines.push(line))
  t.after(() => setDiagnosticSink(undefined))
  return lines
}

function withEnvironment(t: TestContext, variables: Record<string, string>): void {
  Object.assign(process.env, variables)
  t.after(() => {
    for (const name of Object.keys(variables)) delete process.env[name]
  })
}

test('by default it listens on all interfaces and says so as a URL', async (t) => {
  const metrics = prometheus({ port: 0 }).metrics as PullMetrics
  t.after(() => metrics.close())
  const url = (await metrics.open(host)) ?? ''
  assert.match(url, /^http:\/\/localhost:\d+\/metrics$/)
  const { port } = new URL(url)
  assert.equal((await fetch(`http://127.0.0.1:${port}/metrics`)).status, 200)
})

test('paths and methods', async (t) => {
  const url = await serve(t, undefined, { path: '/m' })
  assert.equal((await fetch(url)).status, 200)
  assert.equal((await fetch(`${url}?name=x`)).status, 200)
  const root = await fetch(new URL('/', url))
  assert.match(await root.text(), /at \/m$/m)
  assert.equal((await fetch(new URL('/metrics', url))).status, 404)
  const head = await fetch(url, { method: 'HEAD' })
  assert.equal(head.status, 200)
  assert.equal(head.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  assert.equal(await head.text(), '')
  const post = await fetch(url, { method: 'POST', body: 'x' })
  assert.equal(post.status, 405)
  assert.equal(post.headers.get('allow'), 'GET, HEAD')
})

test('gzip by Accept-Encoding', async (t) => {
  const url = await serve(t)
  const zipped = await fetch(url, { headers: { 'accept-encoding': 'gzip' } })
  assert.equal(zipped.headers.get('content-encoding'), 'gzip')
  assert.match(await zipped.text(), /target_info\{service_name="shop"\} 1/)
  const plain = await fetch(url, { headers: { 'accept-encoding': 'identity' } })
  assert.equal(plain.headers.get('content-encoding'), null)
  assert.match(await plain.text(), /target_info\{service_name="shop"\} 1/)
})

test('a busy port is one warning, and no other port', async (t) => {
  const lines = diagnostics(t)
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.after(() => other.close())
  const { port } = other.address() as AddressInfo
  const metrics = prometheus({ host: '127.0.0.1', port }).metrics as PullMetrics
  assert.equal(await metrics.open(host), undefined)
  assert.equal(await metrics.open(host), undefined)
  assert.equal(lines.length, 1)
  assert.match(lines[0] ?? '', new RegExp(`port ${port} \\(the port is taken\\).*HASHIRA_PORT_BUSY`))
  await metrics.close()
})

test('options come from code, then from the environment', async (t) => {
  const lines = diagnostics(t)
  withEnvironment(t, { OTEL_EXPORTER_PROMETHEUS_PORT: '0', OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1' })
  const metrics = prometheus().metrics as PullMetrics
  t.after(() => metrics.close())
  assert.match((await metrics.open(host)) ?? '', /^http:\/\/127\.0\.0\.1:\d+\/metrics$/)
  withEnvironment(t, { HASHIRA_PROMETHEUS_PORT: 'none' })
  assert.equal(await (prometheus().metrics as PullMetrics).open(host), undefined)
  withEnvironment(t, { HASHIRA_PROMETHEUS_PORT: '99999' })
  prometheus()
  assert.match(
    lines.join(),
    /HASHIRA_PROMETHEUS_PORT: "99999" is not a whole number from 0 to 65535, or none/,
  )
  for (const bad of [{ port: -1 }, { port: 'x' }, { path: 'metrics' }, { host: '' }, { prot: 1 }]) {
    assert.throws(() => prometheus(bad as object), isHashiraError)
  }
})

test('a scrape that can’t be answered is a 500, and the next one works', async (t) => {
  let isBroken = true
  const url = await serve(t, async () => {
    if (isBroken) throw new Error('no')
    return snapshotOf([])()
  })
  const broken = await scrape(url)
  assert.equal(broken.response.status, 500)
  assert.doesNotMatch(broken.text, /Error/)
  isBroken = false
  assert.equal((await scrape(url)).response.status, 200)
})

test('a scraper that goes away harms nobody', async (t) => {
  let release = () => {}
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  const url = new URL(
    await serve(t, async () => {
      await gate
      return snapshotOf([])()
    }),
  )
  const socket = connect(Number(url.port), url.hostname)
  socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(socket, 'connect')
  socket.destroy()
  release()
  assert.equal((await scrape(url.href)).response.status, 200)
})

test('a scrape is outside of every trace, also when the prototypes of servers are patched', async (t) => {
  const { prototype } = (await import('node:http')).Server
  const emit = prototype.emit
  let seen = 0
  prototype.emit = function (this: typeof prototype, ...args: Parameters<typeof emit>) {
    if (args[0] === ('request' as string)) seen++
    return emit.apply(this, args)
  } as typeof emit
  t.after(() => {
    prototype.emit = emit
  })
  const contexts: boolean[] = []
  const url = await runInContext(rootContext.setValue(Symbol.for('app'), 1), () =>
    serve(t, async () => {
      contexts.push(isTracingSuppressed(), activeContext().getValue(Symbol.for('app')) === undefined)
      return snapshotOf([])()
    }),
  )
  await scrape(url)
  assert.deepEqual(contexts, [true, true])
  assert.equal(seen, 0)
})

test('neither the listener nor a connection to it keeps the process alive', async () => {
  const script = `
    const { prometheus } = require('@hashira/exporter-prometheus')
    const { AttributeList, collectMetrics } = require('@hashira/core')
    const hold = setInterval(() => {}, 1000)
    prometheus({ host: '127.0.0.1', port: 0 }).metrics
      .open({ resource: { attributes: new AttributeList() }, collect: collectMetrics })
      .then((url) => process.stdout.write(url + '\\n'))
    process.stdin.once('data', () => { clearInterval(hold); process.stdin.destroy() })`
  const child = spawn(process.execPath, ['-e', script], {
    cwd: __dirname,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const agent = new (await import('node:http')).Agent({ keepAlive: true })
  await new Promise<void>((resolve, reject) => {
    request(line.toString().trim(), { agent }, (response) => response.resume().on('end', resolve))
      .on('error', reject)
      .end()
  })
  const began = performance.now()
  child.stdin.end('stop')
  const [code] = (await once(child, 'exit')) as [number]
  agent.destroy()
  assert.equal(code, 0)
  assert.ok(performance.now() - began < 4_000, 'before the connection’s keep-alive ended it')
})

test('a scrape that is under way when it closes still ends, and an idle connection does not hold it up', async (t) => {
  let answer = () => {}
  const slow = new Promise<void>((resolve) => {
    answer = resolve
  })
  let isAsked = () => {}
  const asked = new Promise<void>((resolve) => {
    isAsked = resolve
  })
  const metrics = prometheus({ port: 0, host: '127.0.0.1' }).metrics as PullMetrics
  t.after(() => metrics.close())
  const url = (await metrics.open({
    ...host,
    collect: async () => {
      isAsked()
      await slow
      return snapshotOf([])()
    },
  })) as string
  assert.equal((await fetch(url, { method: 'HEAD' })).status, 200)
  const scraping = fetch(url)
  await asked
  const closed = metrics.close()
  answer()
  assert.equal((await scraping).status, 200)
  await closed
})

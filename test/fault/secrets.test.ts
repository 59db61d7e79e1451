import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { otlp } from '@hashira/exporter-otlp'
import { faultApp, spanBackend, temporaryFolder } from '../support/fault-app.ts'

// What only the backend may see. Every one begins so, so that one search finds them all, also in base64 or percent-encoded.
const MARK = 'planted-secret'
const FORMS = [
  MARK,
  Buffer.from(`user:${MARK}`).toString('base64').slice(0, 20),
  encodeURIComponent(`${MARK}`),
]

const ENV = {
  OTEL_EXPORTER_OTLP_HEADERS: `api-key=${MARK}-header,authorization=Bearer%20${MARK}-token`,
  OTEL_EXPORTER_OTLP_TIMEOUT: '2000',
}

const credentialed = (url: string) =>
  `${url.replace('://', `://user:${MARK}-password@`)}/v1/traces?token=${MARK}-query`

function assertSafe(what: string, text: string): void {
  for (const form of FORMS) assert.ok(!text.includes(form), `${what} tells ${form}:\n${text}`)
}

function writtenIn(dir: string): string {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath ?? dir, entry.name)
      return entry.isFile() ? `${path}\n${readFileSync(path, 'latin1')}` : path
    })
    .join('\n')
}

describe('secrets', { concurrency: 3 }, () => {
  const run = async (url: string, end: string) => {
    const dir = temporaryFolder()
    const scenario = { burst: 600, until: { lastErrorUnixMs: 1 }, end, timeoutMs: 500, metrics: true }
    const env = {
      ...ENV,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url,
      HASHIRA_SPOOL_DIR: dir,
      HASHIRA_QUIET: 'false',
    }
    const { stderr, said } = await faultApp(url, scenario, env).ended()
    assert.ok(said['METRICS'] !== undefined, stderr)
    assertSafe('stderr', stderr)
    assertSafe('status() or a metric', JSON.stringify(said))
    assertSafe('the spool', writtenIn(dir))
    return { stderr, written: writtenIn(dir) }
  }

  // As careless backends and proxies do.
  const echo = JSON.stringify(ENV) + credentialed('http://there')

  for (const status of [400, 503])
    it(`a backend that repeats what it was sent, in a ${status}`, async () => {
      const backend = await spanBackend({ behaviour: { kind: 'status', status, body: echo } })
      const { stderr } = await run(credentialed(backend.url), 'shutdown')
      assert.match(stderr, new RegExp(`http_${status}`))
      assert.match(stderr, /REDACTED/)
    })

  it('a backend that repeats it in a partial success', async () => {
    const { partialSuccess } = await import('../support/fault-app.ts')
    const backend = await spanBackend({
      behaviour: { kind: 'partial', rejected: 1, body: partialSuccess(1, `key ${MARK}-header is old`) },
    })
    const { stderr } = await run(credentialed(backend.url), 'shutdown')
    assert.match(stderr, /key REDACTED is old/)
  })

  for (const end of ['shutdown', 'exit', 'throw'])
    it(`nobody there, ended by ${end}: nothing in the lines, the account and the spool`, async () => {
      const backend = await spanBackend()
      await backend.stop()
      const { written } = await run(credentialed(backend.url), end)
      assert.match(written, /\.spool1/)
    })

  it('a name that does not exist, and TLS where there is none', async () => {
    await run(credentialed('http://collector.invalid:4318'), 'shutdown')
    const backend = await spanBackend()
    await run(credentialed(backend.url.replace('http:', 'https:')), 'shutdown')
  })

  it('errors of set-up name the option, never its value', () => {
    for (const options of [
      { headers: { 'api-key': `${MARK}\n` } },
      { headers: { 'no name': MARK } },
      { headers: MARK as never },
      { endpoint: `ftp://user:${MARK}@host` },
      { tracesEndpoint: `user:${MARK}@host?key=${MARK}` },
      { endpoint: 'https://host', key: `-----BEGIN PRIVATE KEY-----\n${MARK}\n-----END PRIVATE KEY-----` },
    ])
      assert.throws(
        () => otlp(options),
        (error: Error) => {
          assertSafe(`the error for ${Object.keys(options)}`, `${error.message}\n${error.stack}`)
          return true
        },
      )
  })
})

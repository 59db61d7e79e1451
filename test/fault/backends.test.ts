import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Behaviour } from '@hashira/testing'
import { checkedAccount, type Ended } from '../support/child-app.ts'
import { faultApp, linesOf, partialSuccess, selfSigned, spanBackend } from '../support/fault-app.ts'

const outcomeOf = ({ said }: Ended) => {
  const { ended, delivered, dropped, pending, retries, lastErrorReason } = checkedAccount(said['FINAL'])
  return { ended, delivered, dropped, pending, retries, lastErrorReason }
}

/** Misbehaves so for the first request. */
const first = (behaviour: Behaviour): Behaviour => ({
  kind: 'each',
  choose: (number) => (number === 1 ? behaviour : { kind: 'ok' }),
})

describe('backends that misbehave, seen from a process of its own', { concurrency: 4 }, () => {
  it('400: what it refuses is dropped, once and with its text, the rest is delivered', async () => {
    const backend = await spanBackend({ behaviour: first({ kind: 'status', status: 400, body: 'bad span' }) })
    const ended = await faultApp(backend.url, { burst: 1_024, end: 'shutdown', timeoutMs: 20_000 }).ended()
    const { delivered, dropped, retries } = outcomeOf(ended)
    assert.deepEqual(
      { delivered, dropped, retries },
      { delivered: 512, dropped: { http_400: 512 }, retries: 0 },
    )
    assert.equal(backend.ids.size, 512)
    assert.equal(linesOf(ended.stderr).filter((line) => line.includes('http_400: bad span')).length, 1)
  })

  it('partial success: exactly the refused spans are lost', async () => {
    const body = partialSuccess(12, 'too old')
    const backend = await spanBackend({ behaviour: first({ kind: 'partial', rejected: 12, body }) })
    const ended = await faultApp(backend.url, { burst: 1_024, end: 'shutdown', timeoutMs: 20_000 }).ended()
    const { delivered, dropped } = outcomeOf(ended)
    assert.deepEqual({ delivered, dropped }, { delivered: 1_012, dropped: { rejected: 12 } })
    assert.equal(backend.itemCount, 1_012)
    assert.match(ended.stderr, /rejected: too old/)
  })

  for (const kind of ['reset', 'reset_request', 'reset_answer'] as const)
    it(`${kind}: sent again, nothing is lost`, async () => {
      const backend = await spanBackend({ behaviour: { kind } })
      const scenario = { burst: 1_000, until: { retries: 1 }, end: 'shutdown', timeoutMs: 30_000 }
      const app = faultApp(backend.url, scenario)
      await app.said('MADE')
      const firsts = setInterval(() => {
        if (backend.requestCount > 0 || kind === 'reset_request') backend.behaviour = { kind: 'ok' }
      }, 1_000)
      const ended = await app.ended()
      clearInterval(firsts)
      const { delivered, dropped, retries, lastErrorReason } = outcomeOf(ended)
      assert.deepEqual({ delivered, dropped }, { delivered: 1_000, dropped: {} })
      assert.ok(retries > 0)
      assert.match(lastErrorReason!, /^connection/)
      assert.equal(backend.ids.size, 1_000)
    })

  it('hangs, then answers: sent again, nothing is lost', async () => {
    const backend = await spanBackend({ behaviour: { kind: 'hang' } })
    const options = { burst: 1_000, until: { retries: 1 }, end: 'shutdown', timeoutMs: 30_000 }
    const app = faultApp(backend.url, options, { OTEL_EXPORTER_OTLP_TIMEOUT: '500' })
    await app.said('MADE')
    const woken = setInterval(() => {
      if (backend.requestCount > 1) backend.behaviour = { kind: 'ok' }
    }, 20)
    const ended = await app.ended()
    clearInterval(woken)
    const { delivered, lastErrorReason } = outcomeOf(ended)
    assert.deepEqual(
      { delivered, lastErrorReason },
      { delivered: 1_000, lastErrorReason: 'timeout_after_send' },
    )
    assert.equal(backend.ids.size, 1_000)
  })

  it('an answer that begins and never ends is still an answer: nothing is delivered twice', async () => {
    const backend = await spanBackend({ behaviour: { kind: 'stall' } })
    const scenario = { burst: 300, end: 'shutdown', timeoutMs: 30_000 }
    const ended = await faultApp(backend.url, scenario, { OTEL_EXPORTER_OTLP_TIMEOUT: '500' }).ended()
    const { delivered, retries } = outcomeOf(ended)
    assert.deepEqual({ delivered, retries }, { delivered: 300, retries: 0 })
    assert.equal(backend.itemCount, 300)
  })

  it('an answer of 100 MB: delivered, and not read', async () => {
    const bytes = 100 * 1024 * 1024
    const backend = await spanBackend({ behaviour: { kind: 'flood', bytes } })
    const ended = await faultApp(backend.url, { burst: 1_000, end: 'shutdown', timeoutMs: 20_000 }).ended()
    assert.equal(outcomeOf(ended).delivered, 1_000)
    assert.equal(backend.ids.size, 1_000)
    assert.ok(backend.floodedBytes < bytes / 2, `${backend.floodedBytes} bytes were sent`)
  })

  it('503 with Retry-After: 60: nobody asks before, and nobody waits for it at the end', async () => {
    const backend = await spanBackend({ behaviour: { kind: 'status', status: 503, retryAfter: '60' } })
    const scenario = { burst: 100, until: { lastErrorUnixMs: 1 }, end: 'shutdown', timeoutMs: 20_000 }
    const startMs = performance.now()
    const ended = await faultApp(backend.url, scenario).ended()
    const { ended: made, dropped } = outcomeOf(ended)
    assert.deepEqual({ made, dropped }, { made: 100, dropped: { shutdown_timeout: 100 } })
    // One that failed, and the one that shutdown() tries at once.
    assert.ok(backend.requestCount <= 2, `${backend.requestCount} requests`)
    assert.ok(performance.now() - startMs < 15_000)
  })

  it('a name that does not exist', async () => {
    const scenario = { burst: 100, until: { lastErrorUnixMs: 1 }, end: 'shutdown', timeoutMs: 1_000 }
    const ended = await faultApp('http://collector.invalid:4318', scenario).ended()
    const { delivered, dropped, lastErrorReason } = outcomeOf(ended)
    assert.deepEqual({ delivered, dropped }, { delivered: 0, dropped: { shutdown_timeout: 100 } })
    assert.equal(lastErrorReason, 'dns')
    assert.equal(linesOf(ended.stderr).filter((line) => line.includes('collector.invalid')).length, 1)
  })

  it('TLS to a port that speaks none', async () => {
    const backend = await spanBackend()
    const scenario = { burst: 100, until: { lastErrorUnixMs: 1 }, end: 'shutdown', timeoutMs: 1_000 }
    const ended = await faultApp(backend.url.replace('http:', 'https:'), scenario).ended()
    const { dropped, lastErrorReason } = outcomeOf(ended)
    assert.deepEqual(
      { dropped, lastErrorReason },
      { dropped: { shutdown_timeout: 100 }, lastErrorReason: 'tls' },
    )
  })

  it('a certificate that nobody knows is refused; with it as OTEL_EXPORTER_OTLP_CERTIFICATE all is delivered', async (t) => {
    const tls = selfSigned()
    if (tls === undefined) return t.skip('no openssl to make a certificate with')
    const backend = await spanBackend({ tls })
    const failing = { burst: 100, until: { lastErrorUnixMs: 1 }, end: 'shutdown', timeoutMs: 1_000 }
    const refused = await faultApp(backend.url, failing).ended()
    const { dropped, lastErrorReason } = outcomeOf(refused)
    assert.deepEqual(
      { dropped, lastErrorReason },
      { dropped: { shutdown_timeout: 100 }, lastErrorReason: 'tls' },
    )
    assert.equal(backend.requestCount, 0)
    const scenario = { burst: 100, end: 'shutdown', timeoutMs: 20_000 }
    const known = await faultApp(backend.url, scenario, { OTEL_EXPORTER_OTLP_CERTIFICATE: tls.cert }).ended()
    assert.equal(outcomeOf(known).delivered, 100)
  })

  it('spans of 64 KiB: all arrive, a MiB or so in a request', async () => {
    const backend = await spanBackend()
    const options = { spanAttributeValueLengthLimit: 100_000 }
    const scenario = { burst: 300, spanBytes: 65_536, options, end: 'shutdown', timeoutMs: 30_000 }
    const ended = await faultApp(backend.url, scenario).ended()
    assert.equal(outcomeOf(ended).delivered, 300)
    assert.equal(backend.ids.size, 300)
    assert.ok(backend.requestCount >= 15, `${backend.requestCount} requests`)
  })

  it('a burst of 100,000 spans in one tick: nothing is lost, at the default bound of 64 MiB', async () => {
    const backend = await spanBackend()
    const scenario = { burst: 100_000, end: 'shutdown', timeoutMs: 60_000 }
    const ended = await faultApp(backend.url, scenario, { OTEL_BSP_SCHEDULE_DELAY: '5000' }).ended()
    const { ended: made, delivered, dropped } = outcomeOf(ended)
    assert.deepEqual({ made, delivered, dropped }, { made: 100_000, delivered: 100_000, dropped: {} })
    assert.equal(backend.ids.size, 100_000)
  })
})

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { channel } from 'node:diagnostics_channel'
import http from 'node:http'
import https from 'node:https'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { promisify } from 'node:util'
import {
  activeContext,
  createPropagator,
  DEFAULT_PROPAGATORS,
  faultCounts,
  runInContext,
  setPropagator,
  suppressTracing,
  withBaggage,
} from '@hashira/core'
import { instrumentOutgoing, type OutgoingOptions } from '@hashira/http'
import { tracer } from '@hashira/tracing'
import { propagation } from '@opentelemetry/api'
import { type Recording, recordSpans, until } from '../support/recorded'
import { type Backend, startBackend } from './support/backend'
import { clientSeries, takeClientSpans } from './support/client-spans'
import { type Call, globalFetch, undiciCalls, undiciVersions } from './support/clients'

const STALE = '00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01'

let backend: Backend
let recording: Recording

beforeEach(async () => {
  backend = await startBackend()
  recording = recordSpans()
})

afterEach(async () => {
  recording.stop()
  await backend.close()
})

const nodeGet: Call = (url, options) =>
  new Promise((resolve, reject) => {
    http
      .get(url, { headers: options?.headers ?? {} }, (response) => response.resume().on('end', resolve))
      .on('error', reject)
  })

const clients: Record<string, Call> = { 'fetch()': globalFetch, 'http.get()': nodeGet }
for (const { name, skip, load } of undiciVersions) {
  if (skip === false)
    clients[`${name} request()`] = (url, options) => undiciCalls['request']!(load())(url, options)
}

async function whileInstrumented(options: OutgoingOptions, act: () => Promise<unknown>): Promise<void> {
  const undo = instrumentOutgoing(options)
  try {
    await act()
  } finally {
    undo()
  }
}

/** Runs `act` with baggage in its context. */
function withTenant<T>(act: () => T): T {
  const baggage = propagation.createBaggage({ tenant: { value: 'acme' } })
  return runInContext(withBaggage(activeContext(), baggage), act)
}

for (const [name, call] of Object.entries(clients)) {
  describe(name, () => {
    it('leaves calls alone that are ignored', async () => {
      const ignoreOutgoing = [
        `${backend.url}/exact`,
        /\/pattern\//,
        (url: string) => url.endsWith('?f=1'),
        () => {
          throw new Error('counted')
        },
      ]
      await whileInstrumented({ ignoreOutgoing }, async () => {
        for (const path of ['/exact', '/pattern/1', '/x?f=1', '/seen']) await call(backend.url + path)
        const spans = await takeClientSpans(recording)
        assert.deepEqual(
          spans.map(({ attributes }) => attributes['url.full']),
          [`${backend.url}/seen`],
        )
      })
      assert.deepEqual(
        backend.received.map(({ headers }) => headers['traceparent'] !== undefined),
        [false, false, false, true],
      )
      assert.equal(
        (await clientSeries(backend.port)).reduce((sum, { count }) => sum + count, 0),
        1,
      )
    })

    it('leaves calls alone where tracing is suppressed', async () => {
      await whileInstrumented({}, async () => {
        await runInContext(suppressTracing(activeContext()), () => call(backend.url))
      })
      assert.equal(recording.spans.length, 0)
      assert.equal(backend.received[0]?.headers['traceparent'], undefined)
      assert.deepEqual(await clientSeries(backend.port), [])
    })

    it('sends baggage to the inside', async () => {
      await whileInstrumented({}, () =>
        withTenant(() => call(backend.url, { headers: { baggage: 'mine=1' } })),
      )
      assert.equal(backend.received[0]?.headers['baggage'], 'tenant=acme')
    })

    it("leaves the app's own baggage header where it has none to send", async () => {
      await whileInstrumented({}, () => call(backend.url, { headers: { baggage: 'mine=1' } }))
      assert.equal(backend.received[0]?.headers['baggage'], 'mine=1')
    })

    it('sends context headers only where they are allowed, and leaves the app’s own there', async () => {
      // An address of this machine that is not among those of the inside.
      const outside = backend.url.replace('127.0.0.1', '0.0.0.0')
      const headers = { traceparent: STALE, baggage: 'mine=1' }
      for (const propagateTo of [['api.partner.com'], ['0.0.0.0'], ['*'], undefined]) {
        await whileInstrumented({ propagateTo, propagateBaggageTo: ['0.0.0.0'] }, () =>
          withTenant(async () => {
            await call(outside, { headers })
            await call(backend.url, { headers })
          }),
        )
        const [span, inner] = await takeClientSpans(recording, 2)
        const [there, here] = backend.received.splice(0)
        const isAllowed = propagateTo?.[0] !== 'api.partner.com'
        assert.equal(there?.headers['traceparent']?.includes(span!.spanId), isAllowed)
        assert.equal(there?.headers['traceparent'] === STALE, !isAllowed)
        assert.equal(there?.headers['baggage'], isAllowed ? 'tenant=acme' : 'mine=1')
        assert.ok(here?.headers['traceparent']?.includes(inner!.spanId))
        assert.equal(here?.headers['baggage'], 'tenant=acme')
      }
    })

    it('replaces every header of a propagator, and sends none twice', async () => {
      setPropagator(createPropagator(['b3', 'datadog', 'ottrace', 'jaeger']).propagator)
      const stale = {
        'X-B3-TraceId': '1',
        'x-b3-flags': '1',
        'x-datadog-origin': 'rum',
        'ot-baggage-tenant': 'old',
      }
      try {
        await whileInstrumented({}, () =>
          withTenant(() =>
            call(backend.url, { headers: { ...stale, 'uber-trace-id': '1', 'jaeger-debug-id': 'x' } }),
          ),
        )
      } finally {
        setPropagator(createPropagator(DEFAULT_PROPAGATORS).propagator)
      }
      const [span] = await takeClientSpans(recording)
      const { headers, rawHeaders } = backend.received[0]!
      const names = rawHeaders.filter((_, i) => i % 2 === 0).map((header) => header.toLowerCase())
      assert.equal(new Set(names).size, names.length)
      assert.equal(headers['b3'], `${span?.traceId}-${span?.spanId}-1`)
      assert.equal(headers['uber-trace-id'], `${span?.traceId}:${span?.spanId}:0:1`)
      assert.equal(headers['ot-baggage-tenant'], 'acme')
      assert.equal(headers['uberctx-tenant'], 'acme')
      for (const gone of ['x-b3-traceid', 'x-b3-flags', 'x-datadog-origin'])
        assert.ok(!names.includes(gone), gone)
      assert.equal(headers['jaeger-debug-id'], 'x')
    })

    it('keeps baggage of every form inside', async () => {
      setPropagator(createPropagator(['tracecontext', 'baggage', 'jaeger', 'ottrace']).propagator)
      try {
        await whileInstrumented({}, () => withTenant(() => call(backend.url.replace('127.0.0.1', '0.0.0.0'))))
      } finally {
        setPropagator(createPropagator(DEFAULT_PROPAGATORS).propagator)
      }
      const names = Object.keys(backend.received[0]!.headers)
      assert.deepEqual(
        names.filter((header) => /baggage|uberctx/.test(header)),
        [],
      )
      assert.ok(names.includes('traceparent') && names.includes('ot-tracer-traceid'))
    })

    it('only carries the context on while disabled', async () => {
      await whileInstrumented({ disabled: true }, () =>
        tracer.span('caller', async (span) => {
          await call(backend.url)
          assert.equal(backend.received[0]?.headers['traceparent']?.slice(36, 52), span.spanContext().spanId)
        }),
      )
      assert.deepEqual(
        recording.spans.map((span) => span.name),
        ['caller'],
      )
      assert.deepEqual(await clientSeries(backend.port), [])
    })

    it('is as it was after undo', async () => {
      await whileInstrumented({}, () => call(backend.url))
      await takeClientSpans(recording)
      await call(backend.url)
      assert.equal(backend.received[1]?.headers['traceparent'], undefined)
      assert.equal(recording.spans.length, 0)
    })
  })
}

describe('baggage', () => {
  it('does not leave for outside hosts that were not named', async () => {
    const lookup = lookupOf('127.0.0.1')
    const send = (host: string) =>
      new Promise((resolve, reject) => {
        const options = {
          host,
          port: backend.port,
          lookup,
          headers: { baggage: 'mine=1' },
        } as http.RequestOptions
        http.get(options, (response) => response.resume().on('end', resolve)).on('error', reject)
      })
    await whileInstrumented({ propagateBaggageTo: ['api.partner.com'] }, async () => {
      await withTenant(() => send('example.com'))
      await withTenant(() => send('api.partner.com'))
    })
    const [outside, named] = backend.received
    assert.equal(outside?.headers['baggage'], 'mine=1')
    assert.ok(outside?.headers['traceparent'])
    assert.equal(named?.headers['baggage'], 'tenant=acme')
  })
})

function lookupOf(address: string): unknown {
  return (_: string, options: { all?: boolean }, done: (...args: unknown[]) => void) =>
    options.all ? done(null, [{ address, family: 4 }]) : done(null, address, 4)
}

describe('instrumentOutgoing', () => {
  it('restores everything', async () => {
    const originals = [http.request, http.get, https.request, https.get]
    const undici = undiciVersions[1]!.load() as unknown as {
      Dispatcher: unknown
      Pool: { prototype: object }
    }
    const dispatchers = Object.getPrototypeOf(Object.getPrototypeOf(undici.Pool.prototype)) as {
      dispatch: unknown
    }
    const { dispatch } = dispatchers
    const channels = ['create', 'headers', 'trailers', 'error'].map((name) =>
      channel(`undici:request:${name}`),
    )
    const fetchBefore = Object.getOwnPropertyDescriptor(globalThis, 'fetch')
    await whileInstrumented({}, async () => {
      assert.notEqual(http.request, originals[0])
      assert.equal(http.request.name, originals[0]?.name)
      assert.equal(http.request.length, originals[0]?.length)
      await clients['undici 6 request()']!(backend.url)
      assert.notEqual(dispatchers.dispatch, dispatch)
    })
    assert.deepEqual([http.request, http.get, https.request, https.get], originals)
    assert.equal(dispatchers.dispatch, dispatch)
    assert.ok(channels.every(({ hasSubscribers }) => !hasSubscribers))
    assert.deepEqual(Object.getOwnPropertyDescriptor(globalThis, 'fetch'), fetchBefore)
  })

  it('is silent below a wrapper that came later', async () => {
    const original = http.get
    const undo = instrumentOutgoing()
    const ours = http.get
    const theirs = ((...args: Parameters<typeof http.get>) => ours(...args)) as typeof http.get
    http.get = theirs
    undo()
    assert.equal(http.get, theirs)
    await nodeGet(backend.url)
    assert.equal(backend.received[0]?.headers['traceparent'], undefined)
    http.get = original
  })

  it('does its work once, however often it is called', async () => {
    await whileInstrumented({}, async () => {
      const undoNothing = instrumentOutgoing()
      undoNothing()
      await nodeGet(backend.url)
      assert.equal((await takeClientSpans(recording)).length, 1)
    })
  })

  it('ends calls whose bodies are open, as of their headers', async () => {
    const responses: unknown[] = []
    await whileInstrumented({}, async () => {
      responses.push(await fetch(`${backend.url}/big`))
      await new Promise((resolve) => http.get(`${backend.url}/big`, resolve)).then((it) => responses.push(it))
      await new Promise((resolve) => setTimeout(resolve, 60))
      assert.equal(recording.spans.length, 0)
    })
    const spans = await takeClientSpans(recording, 2)
    for (const { durationSeconds, attributes } of spans) {
      assert.equal(attributes['http.response.status_code'], 200)
      assert.ok(durationSeconds < 0.06, `${durationSeconds} s`)
    }
    const [node, fetched] = [responses[1] as http.IncomingMessage, responses[0] as Response]
    node.destroy()
    await fetched.body?.cancel()
  })

  it('reaches named imports that were bound before', async () => {
    const fixture = join(__dirname, 'fixtures', 'named-import.mjs')
    const { stdout } = await promisify(execFile)(process.execPath, [fixture])
    const { sent, isRestored } = JSON.parse(stdout) as { sent: (string | null)[]; isRestored: boolean }
    assert.match(String(sent[0]), /^00-/)
    assert.match(String(sent[1]), /^00-/)
    assert.equal(sent[2], null)
    assert.equal(isRestored, true)
  })

  it('never throws into a call', async () => {
    const before = faultCounts().get('undici') ?? 0
    await whileInstrumented({}, async () => {
      for (const name of ['create', 'headers', 'trailers', 'error'])
        for (const message of [undefined, {}, { request: null }, { request: Object.create(null) }])
          channel(`undici:request:${name}`).publish(message)
      await globalFetch(backend.url)
    })
    assert.ok((faultCounts().get('undici') ?? 0) > before)
    await until(() => recording.spans.length === 1)
  })
})

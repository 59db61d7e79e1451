import assert from 'node:assert/strict'
import { createServer, type RequestListener, type Server } from 'node:http'
import { after, afterEach, before, describe, test } from 'node:test'
import {
  activeContext,
  baggageOf,
  createPropagator,
  DEFAULT_PROPAGATORS,
  faultCounts,
  injectHeaders,
  isHashiraError,
  resolveOptions,
  runInContext,
  setPropagator,
} from '@hashira/core'
import {
  configureHttp,
  createServerObserver,
  type ObserveOptions,
  type Trust,
  trustOption,
} from '@hashira/http'
import { alwaysOffSampler, alwaysOnSampler, parentBasedSampler, tracer } from '@hashira/tracing'
import { AddressRanges, isAddressRange } from '../dist/address-ranges'
import { ask, close, listen } from './support/client'
import { type RecordedSpan, type Recording, recordSpans, until, useContextManager } from './support/recorded'

const T = '0af7651916cd43dd8448eb211c80319c'
const S = 'b7ad6b7169203331'
const headers = { traceparent: `00-${T}-${S}-01`, tracestate: 'a=1', baggage: 'tenant=evil' }

let recording: Recording
const servers: Server[] = []

before(() => {
  useContextManager()
  recording = recordSpans()
})
afterEach(async () => {
  await Promise.all(servers.splice(0).map(close))
  recording.spans.length = 0
  configureHttp({})
  setPropagator(createPropagator(DEFAULT_PROPAGATORS).propagator)
})
after(() => recording.stop())

async function serve(
  handler: RequestListener,
  options?: ObserveOptions,
  host = '127.0.0.1',
): Promise<number> {
  const observer = createServerObserver('observe()', options)
  const server = createServer((request, response) => {
    const context = observer.begin(request, response, request, response, request.url as string)
    runInContext(context, () => handler(request, response))
  })
  servers.push(server)
  if (host === '127.0.0.1') return listen(server)
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  return (server.address() as { port: number }).port
}

interface Outcome {
  readonly server: RecordedSpan
  readonly child: RecordedSpan
  /** What an outgoing call of the handler would carry. */
  readonly sent: Record<string, string>
  readonly baggage: string | undefined
}

async function request(
  options?: ObserveOptions,
  sending: Record<string, string> = headers,
  host?: string,
): Promise<Outcome> {
  let sent: Record<string, string> = {}
  let baggage: string | undefined
  const port = await serve(
    (_request, response) => {
      tracer.span('child', () => {
        injectHeaders(activeContext(), (name, value) => {
          sent = { ...sent, [name]: value }
        })
        baggage = baggageOf()?.getEntry('tenant')?.value
      })
      response.end()
    },
    options,
    host,
  )
  await ask(port, '/', { headers: sending })
  await until(() => recording.spans.length === 2)
  const [child, server] = recording.spans.splice(0)
  return { server: server!, child: child!, sent, baggage }
}

function assertTrusted({ server, child, sent, baggage }: Outcome): void {
  assert.equal(server.traceId, T)
  assert.equal(server.parentSpanId, S)
  assert.deepEqual(server.links, [])
  assert.equal(child.traceId, T)
  assert.equal(sent['tracestate'], 'a=1')
  assert.equal(baggage, 'evil')
}

function assertLinked({ server, child, sent, baggage }: Outcome): void {
  assert.notEqual(server.traceId, T)
  assert.equal(server.parentSpanId, undefined)
  assert.deepEqual(server.links, [{ traceId: T, spanId: S, traceFlags: 1 }])
  assert.equal(child.traceId, server.traceId)
  assert.equal(sent['traceparent'], `00-${server.traceId}-${child.spanId}-03`)
  assert.equal(sent['tracestate'], undefined)
  assert.equal(sent['baggage'], undefined)
  assert.equal(baggage, undefined)
}

describe('whose trace context is believed', () => {
  test('everybody’s, unless somebody says otherwise', async () => {
    assertTrusted(await request())
    assertTrusted(await request({ trust: 'always' }))
  })

  test('nobody’s: the caller’s span becomes a link', async () =>
    assertLinked(await request({ trust: 'never' })))

  test('that of peers in the ranges', async () => {
    assertTrusted(await request({ trust: ['10.0.0.0/8', '127.0.0.0/8'] }))
    assertLinked(await request({ trust: ['10.0.0.0/8', '::1', '127.0.0.2'] }))
    assertLinked(await request({ trust: [] }))
  })

  test('a server that listens on IPv6 sees its IPv4 peers as such', async () => {
    assertTrusted(await request({ trust: ['127.0.0.1'] }, headers, '::'))
  })

  test('a header says nothing about the peer', async () => {
    const forwarded = { ...headers, 'x-forwarded-for': '10.0.0.1', forwarded: 'for=10.0.0.1' }
    assertLinked(await request({ trust: ['10.0.0.0/8'] }, forwarded))
  })

  test('as a function of the request says', async () => {
    const trust: Trust = (incoming) => incoming.headers['x-gateway'] === 'key'
    assertTrusted(await request({ trust }, { ...headers, 'x-gateway': 'key' }))
    assertLinked(await request({ trust }))
  })

  test('a function that throws or waits is counted and means no', async () => {
    const before = faultCounts().get('trust') ?? 0
    const throwing: Trust = () => {
      throw new Error('x')
    }
    assertLinked(await request({ trust: throwing }))
    assertLinked(await request({ trust: (async () => true) as unknown as Trust }))
    assertLinked(await request({ trust: (async () => Promise.reject(new Error('x'))) as unknown as Trust }))
    assertLinked(await request({ trust: (() => 'yes') as unknown as Trust }))
    await new Promise(setImmediate)
    assert.equal((faultCounts().get('trust') ?? 0) - before, 4)
  })

  test('the function is only asked when there is something to believe', async () => {
    let asked = 0
    const trust: Trust = () => {
      asked++
      return true
    }
    await request({ trust }, {})
    assert.equal(asked, 0)
  })

  test('what start() says holds where observe() does not', async () => {
    configureHttp({ trust: 'never' })
    assertLinked(await request())
    assertTrusted(await request({ trust: 'always' }))
    configureHttp({})
    assertTrusted(await request())
  })
})

describe('what is not trusted', () => {
  test('decides nothing about sampling', async () => {
    recording.stop()
    recording = recordSpans(parentBasedSampler(alwaysOnSampler))
    assertLinked({ ...(await request({ trust: 'never' })) })
    const { server } = await request({ trust: 'never' }, { traceparent: `00-${T}-${S}-00` })
    assert.deepEqual(server.links, [{ traceId: T, spanId: S, traceFlags: 0 }])
    recording.stop()
    recording = recordSpans(parentBasedSampler(alwaysOffSampler))
    const port = await serve((_request, response) => response.end(), { trust: 'never' })
    await ask(port, '/', { headers })
    assert.equal(recording.spans.length, 0)
    recording.stop()
    recording = recordSpans()
  })

  test('neither begins a trace nor marks one, and is passed to nobody', async () => {
    setPropagator(createPropagator(['jaeger', 'xray', 'b3', 'envoy']).propagator)
    const hints = {
      'jaeger-debug-id': 'mine',
      'x-amzn-trace-id': `Root=1-${T.slice(0, 8)}-${T.slice(8)};Lineage=a:1`,
      b3: 'd',
      'x-request-id': 'r',
      'uberctx-tenant': 'evil',
    }
    const { server, sent, baggage } = await request({ trust: 'never' }, hints)
    assert.notEqual(server.traceId, T)
    assert.deepEqual(server.links, [])
    assert.equal(server.attributes['jaeger-debug-id'], undefined)
    assert.equal(baggage, undefined)
    assert.deepEqual(Object.keys(sent).sort(), ['b3', 'uber-trace-id', 'x-amzn-trace-id'])
    assert.match(sent['b3']!, /-1$/)
    assert.match(sent['uber-trace-id']!, /:1$/)
    assert.ok(!sent['x-amzn-trace-id']!.includes('Lineage'))
  })

  test('is not passed on either while telemetry is off, or by a request that is ignored', async () => {
    for (const [configuration, options] of [
      [{ enabled: false, trust: 'never' }, {}],
      [{ trust: 'never' }, { ignore: ['/'] }],
    ] as const) {
      configureHttp(configuration)
      let sent = 0
      const port = await serve((_request, response) => {
        injectHeaders(activeContext(), () => sent++)
        response.end(String(baggageOf() === undefined))
      }, options)
      assert.equal((await ask(port, '/', { headers })).body, 'true')
      assert.equal(sent, 0)
    }
  })
})

describe('the option', () => {
  test('is checked where it is given', () => {
    for (const trust of [
      'sometimes',
      ['10.0.0.0/33'],
      ['example.com'],
      ['10.0.0.0/8/8'],
      [''],
      1,
      {},
      null,
    ] as unknown[]) {
      assert.throws(
        () => createServerObserver('observe()', { trust } as ObserveOptions),
        (error) =>
          isHashiraError(error) && error.code === 'HASHIRA_OPTION_INVALID' && /"trust"/.test(error.message),
      )
    }
  })

  test('from the environment', () => {
    const read = (text: string) =>
      resolveOptions('start()', { trust: trustOption('X') }, undefined, { X: text }).values.trust
    assert.equal(read('Never'), 'never')
    assert.equal(read('always'), 'always')
    assert.deepEqual(read(' 10.0.0.0/8, fd00::/8 ,'), ['10.0.0.0/8', 'fd00::/8'])
    for (const bad of ['never,10.0.0.0/8', 'gateway', '10.0.0.0/8 fd00::/8', '/8'])
      assert.equal(read(bad), undefined)
  })

  const vectors: [range: string, inside: string[], outside: (string | undefined)[]][] = [
    [
      '10.0.0.0/8',
      ['10.0.0.0', '10.255.255.255', '::ffff:10.1.2.3', '::ffff:a01:203'],
      ['11.0.0.0', '::1', 'a00::', undefined, '', 'x'],
    ],
    ['10.1.2.3/8', ['10.9.9.9'], ['11.1.2.3']],
    ['192.168.1.7', ['192.168.1.7'], ['192.168.1.8']],
    ['0.0.0.0/0', ['1.2.3.4'], ['::2']],
    ['::/0', ['::2', 'fe80::1%eth0', '1.2.3.4'], ['x']],
    ['fd00::/8', ['fd12::1', 'FD12::1%en0'], ['fc00::1', '::ffff:253.0.0.1']],
    ['::1', ['::1', '0:0:0:0:0:0:0:1'], ['::2', '127.0.0.1']],
    ['::ffff:10.0.0.0/104', ['10.1.2.3', '::ffff:10.1.2.3'], ['11.0.0.1']],
  ]
  for (const [range, inside, outside] of vectors) {
    test(range, () => {
      const ranges = new AddressRanges([range])
      for (const address of [...inside, ...inside]) assert.equal(ranges.has(address), true, address)
      for (const address of outside) assert.equal(ranges.has(address), false, address)
    })
  }

  test('what is no range', () => {
    for (const text of [
      '10.0.0/8',
      '10.0.0.0/',
      '10.0.0.0/-1',
      '10.0.0.0/1e1',
      '::/129',
      '::ffff:10.0.0.0/95',
      ':::1',
      '',
      ' ',
      '10.0.0.1:80',
      undefined,
      7,
    ])
      assert.equal(isAddressRange(text), false, String(text))
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatMs, renderTraceTree, type TraceSpan } from '@hashira/exporter-console'

const span = (
  spanId: string,
  parentSpanId: string | undefined,
  given: Partial<TraceSpan> = {},
): TraceSpan => ({
  name: `span ${spanId}`,
  spanId,
  parentSpanId,
  startMs: 1_000,
  durationMs: 10,
  ...given,
})

const lines = (spans: readonly TraceSpan[], options?: Parameters<typeof renderTraceTree>[1]) =>
  renderTraceTree(spans, options).split('\n').slice(0, -1)

describe('renderTraceTree()', () => {
  it('draws a tree of two services', () => {
    const spans = [
      span('d', 'c', {
        name: 'pg.query',
        service: 'payments',
        kind: 'client',
        startMs: 1_040,
        durationMs: 50,
      }),
      span('c', 'b', {
        name: 'POST /charge',
        service: 'payments',
        kind: 'server',
        startMs: 1_020,
        durationMs: 80,
      }),
      span('a', undefined, {
        name: 'GET /checkout',
        service: 'shop',
        kind: 'server',
        durationMs: 200,
        isError: true,
        errorMessage: 'card declined',
        attributes: { 'http.request.method': 'GET', 'http.response.status_code': 500 },
      }),
      span('b', 'a', { name: 'POST', service: 'shop', kind: 'client', startMs: 1_010, durationMs: 100 }),
      span('e', 'a', { name: 'render', service: 'shop', startMs: 1_190, attributes: { template: 'cart' } }),
    ]
    assert.deepEqual(
      lines(spans, { title: 'trace 1', barWidth: 10 }),
      [
        'trace 1',
        'shop: GET /checkout             200 ms  +0.00 ms   ━━━━━━━━━━  ✗ card declined server http.response.status_code=500',
        '├─ shop: POST                   100 ms  +10.0 ms   ━━━━━·····  client',
        '│  └─ payments: POST /charge   80.0 ms  +20.0 ms   ·━━━━·····  server',
        '│     └─ payments: pg.query    50.0 ms  +40.0 ms   ··━━━·····  client',
        '└─ shop: render                10.0 ms  +190 ms    ·········━  template=cart',
      ].map((line) => line.replace(/ {2}(?= ?\d+(\.\d)? ms {2}\+)/, ' ')),
    )
  })

  it('shows the service only where there are several', () => {
    assert.match(lines([span('a', undefined, { service: 'shop' })])[0] as string, /^span a /)
  })

  it('shows spans whose parent is missing, and circles of parents, once each', () => {
    const spans = [span('a', 'gone'), span('b', 'c'), span('c', 'b'), span('d', 'd')]
    const names = lines(spans).map((line) => /span (\w)/.exec(line)?.[1])
    assert.deepEqual(names, ['a', 'b', 'c', 'd'])
  })

  it('draws a chain of 10,000 spans', () => {
    const chain = Array.from({ length: 10_000 }, (_, i) => span(`${i}`, i === 0 ? undefined : `${i - 1}`))
    assert.equal(lines(chain).length, 10_000)
  })

  it('lets nothing steer the terminal', () => {
    const evil = 'a\x1b[2Jb\r\nc\u202ed\u0000'
    const text = renderTraceTree(
      [span('a', undefined, { name: evil, isError: true, errorMessage: evil, attributes: { [evil]: evil } })],
      { title: evil },
    )
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    assert.doesNotMatch(text.replaceAll('\n', ''), /[\x00-\x1f\u202e]/)
    assert.equal(text.split('\n').length, 3)
  })

  it('keeps columns in line whatever the names are', () => {
    const spans = [
      span('a', undefined, { name: 'x'.repeat(500) }),
      span('b', 'a', { name: '日本語 🎉' }),
      span('c', 'a', { name: '' }),
    ]
    const columnOfDuration = lines(spans).map((line) => Array.from(line.slice(0, line.indexOf(' ms'))).length)
    assert.equal(new Set(columnOfDuration).size, 1)
  })

  it('colours on request only', () => {
    const spans = [span('a', undefined, { isError: true })]
    assert.ok(!renderTraceTree(spans).includes('\x1b'))
    const coloured = renderTraceTree(spans, { color: true })
    assert.ok(coloured.includes('\x1b[31m'))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours are taken out
    assert.equal(coloured.replace(/\x1b\[\d+m/g, '').replace(/ +\n/g, '\n'), renderTraceTree(spans))
  })

  it('shows the attributes that are asked for', () => {
    const attributes = { 'user_agent.original': 'curl', 'url.path': '/a', 'app.tier': ['x', 'y'] }
    const one = [span('a', undefined, { attributes })]
    const details = (shown: 'key' | 'all' | 'none') =>
      lines(one, { attributes: shown, barWidth: 0 })[0]?.split('+0.00 ms').at(-1)?.trim()
    assert.equal(details('key'), 'url.path=/a app.tier=[x, y]')
    assert.equal(details('all'), 'user_agent.original=curl url.path=/a app.tier=[x, y]')
    assert.equal(details('none'), '')
  })

  it('draws nothing of nothing, and of odd times something', () => {
    assert.equal(renderTraceTree([]), '')
    const odd = [
      span('a', undefined, { durationMs: 0 }),
      span('b', 'a', { startMs: Number.NaN, durationMs: Number.NaN }),
    ]
    assert.equal(lines(odd).length, 2)
  })
})

it('formatMs() keeps three digits', () => {
  const cases: [number, string][] = [
    [0, '0.00 ms'],
    [0.234, '0.23 ms'],
    [9.996, '10.0 ms'],
    [99.96, '100 ms'],
    [143.2, '143 ms'],
    [999.6, '1.00 s'],
    [12_345, '12.3 s'],
    [Number.NaN, '? ms'],
  ]
  for (const [ms, text] of cases) assert.equal(formatMs(ms), text)
})

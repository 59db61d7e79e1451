import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isHashiraError } from '@hashira/core'
import { ProxyTracerProvider, trace } from '@opentelemetry/api'
import { type StartOptions, start } from 'hashira'

const cases: readonly [what: string, options: unknown, code: string, ...texts: string[]][] = [
  ['an unknown option', { sampling: 1 }, 'HASHIRA_OPTION_UNKNOWN', '"sampling"', 'sampler'],
  [
    'an unknown sampler',
    { sampler: 'most' },
    'HASHIRA_OPTION_INVALID',
    '"sampler"',
    '"most"',
    'traceidratio',
  ],
  [
    'a ratio out of range',
    { sampler: 'traceidratio', samplerArg: 2 },
    'HASHIRA_OPTION_INVALID',
    '"samplerArg"',
    '2',
    '0 to 1',
  ],
  [
    'a deadline that is a text',
    { shutdownTimeoutMs: '5s' },
    'HASHIRA_OPTION_INVALID',
    '"shutdownTimeoutMs"',
    '"5s"',
  ],
  [
    'an unknown propagator',
    { propagators: ['pigeon'] },
    'HASHIRA_OPTION_INVALID',
    '"pigeon"',
    'tracecontext',
  ],
  ['a hook that is none', { onSpanEnd: 1 }, 'HASHIRA_OPTION_INVALID', '"onSpanEnd"', 'a function'],
  [
    'an exporter that is not installed',
    { exporters: ['nowhere'] },
    'HASHIRA_EXPORTER_NOT_FOUND',
    '"nowhere"',
    'npm install',
  ],
  [
    'an object that is no exporter',
    { exporters: [{ name: 'mine' }] },
    'HASHIRA_EXPORTER_INVALID',
    '"mine"',
    'traces or metrics',
  ],
  ['options that are a text', 'shop', 'HASHIRA_OPTION_INVALID', '"shop"', 'an object'],
]

describe('start() with options that are not allowed', () => {
  for (const [what, options, code, ...texts] of cases) {
    it(`refuses ${what}, and has started nothing`, () => {
      assert.throws(
        () => start(options as StartOptions),
        (error: Error) =>
          isHashiraError(error) && error.code === code && texts.every((text) => error.message.includes(text)),
      )
      assert.equal(trace.getTracer('any').startSpan('span').isRecording(), false)
      assert.equal(process.listenerCount('SIGTERM'), 0)
    })
  }

  it('an exporter that throws when it is asked for something stops it half way, and nothing stays', async () => {
    const exporter = {
      name: 'mine',
      traces: {
        transport: { destination: 'here', send: async () => ({ outcome: 'delivered' }) },
        createEncoder: () => ({ itemCount: 0, byteLength: 0, append() {}, take() {} }),
        get observer() {
          throw new Error('not today')
        },
      },
    }
    const options = { exporters: [exporter as never], quiet: true }
    const listeners = () => ['SIGTERM', 'exit', 'beforeExit'].map((event) => process.listenerCount(event))
    const before = listeners()
    assert.throws(() => start(options), /not today/)
    assert.equal(trace.getTracer('any').startSpan('span').isRecording(), false)
    assert.deepEqual(listeners(), before)
    assert.equal(trace.setGlobalTracerProvider(new ProxyTracerProvider()), true, 'the place is free')
    trace.disable()
    const second = start({ exporters: [], quiet: true })
    assert.equal(second.status().state, 'running')
    await second.shutdown()
  })
})

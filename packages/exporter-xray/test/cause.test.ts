import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SpanKind } from '@opentelemetry/api'
import { attributes, childOf, exception } from './support'

describe('error, throttle, fault', () => {
  const cases: readonly [string, unknown[], number, string][] = [
    ['200', ['http.response.status_code', 200], 0, ''],
    ['404', ['http.response.status_code', 404], 0, 'error'],
    ['429', ['http.response.status_code', 429], 2, 'error throttle'],
    ['503', ['http.response.status_code', 503], 2, 'fault'],
    ['old 404', ['http.status_code', 404], 0, 'error'],
    ['an error without a status', [], 2, 'fault'],
    ['an error after a good status', ['http.response.status_code', 200], 2, 'fault'],
    [
      'throttled with 400',
      ['http.response.status_code', 400, 'error.type', 'ThrottlingException'],
      2,
      'error throttle',
    ],
  ]
  for (const [name, flat, statusCode, expected] of cases) {
    it(name, () => {
      const document = childOf({ statusCode, attributes: attributes(flat) })
      const set = ['error', 'throttle', 'fault'].filter((flag) => document[flag] === true)
      assert.equal(set.join(' '), expected)
    })
  }
})

describe('cause', () => {
  const stack = [
    'TypeError: no card',
    '    at charge (/app/src/pay.js:10:5)',
    '    at async Server.<anonymous> (file:///app/src/main.mjs:3:1)',
    '    at new Foo [as bar] (C:\\app\\foo (1).js:7:2)',
    '    at /app/src/anonymous.js:4:9',
    '    at node:internal/process/task_queues:95:5',
    '    at Array.map (<anonymous>)',
    '  [cause]: RangeError: too much: 5 {',
    '      at deep (/app/deep.js:1:1)',
    '    code: 1',
  ].join('\n')

  it('has the exception, its frames, and the exception that caused it', () => {
    const { cause, fault } = childOf({
      statusCode: 2,
      events: [
        exception([
          'exception.type',
          'TypeError',
          'exception.message',
          'no card',
          'exception.stacktrace',
          stack,
        ]),
      ],
    })
    assert.equal(fault, true)
    assert.deepEqual(cause, {
      working_directory: process.cwd(),
      exceptions: [
        {
          id: 'b7ad6b7169203332',
          message: 'no card',
          type: 'TypeError',
          cause: 'b7ad6b7169203333',
          stack: [
            { path: '/app/src/pay.js', line: 10, label: 'charge' },
            { path: 'file:///app/src/main.mjs', line: 3, label: 'async Server.<anonymous>' },
            { path: 'C:\\app\\foo (1).js', line: 7, label: 'new Foo [as bar]' },
            { path: '/app/src/anonymous.js', line: 4 },
            { path: 'node:internal/process/task_queues', line: 95 },
            { path: '<anonymous>', label: 'Array.map' },
          ],
        },
        {
          id: 'b7ad6b7169203333',
          message: 'too much: 5',
          type: 'RangeError',
          stack: [{ path: '/app/deep.js', line: 1, label: 'deep' }],
        },
      ],
    })
  })

  it("reads a real error's stack, cause included", () => {
    const error = new TypeError('outer', { cause: new RangeError('inner') })
    const printed = childOf({
      events: [exception(['exception.stacktrace', error.stack])],
    })
    const [first] = printed['cause'].exceptions
    assert.match(first.stack[0].path, /cause\.test\.ts$/)
    assert.ok(first.stack[0].line > 0)
  })

  it('of a call is remote', () => {
    const { cause } = childOf({ kind: SpanKind.CLIENT, events: [exception(['exception.message', 'x'])] })
    assert.deepEqual(cause.exceptions, [{ id: 'b7ad6b7169203332', message: 'x', remote: true }])
  })

  it('is the message of an error without an exception', () => {
    const failed = (given: object) => childOf({ statusCode: 2, ...given })['cause']?.exceptions
    assert.deepEqual(failed({ statusMessage: 'no card', attributes: attributes(['error.type', 'E1']) }), [
      { id: 'b7ad6b7169203332', message: 'no card', type: 'E1' },
    ])
    assert.equal(failed({ attributes: attributes(['error.type', '500']) }), undefined)
    assert.equal(failed({ statusCode: 0, statusMessage: 'fine' }), undefined)
  })

  it('has at most 50 frames of an exception and says how many are missing', () => {
    const long = Array.from({ length: 60 }, (_, i) => `    at f${i} (/a.js:${i + 1}:1)`)
    const { cause } = childOf({ events: [exception(['exception.stacktrace', long.join('\n')])] })
    assert.equal(cause.exceptions[0].stack.length, 50)
    assert.equal(cause.exceptions[0].truncated, 10)
  })
})

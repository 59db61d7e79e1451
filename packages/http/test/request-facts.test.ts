import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { configureHttp, errorType } from '@hashira/http'
import { parseHost } from '../dist/host.js'
import { readRequest } from '../dist/request-attributes.js'

describe('the Host header', () => {
  const cases: [host: string | undefined, address: string | undefined, port: number | undefined][] = [
    ['example.com', 'example.com', undefined],
    ['example.com:8080', 'example.com', 8080],
    ['[::1]:3000', '::1', 3000],
    ['[2001:db8::1]', '2001:db8::1', undefined],
    ['127.0.0.1:', '127.0.0.1', undefined],
    ['example.com:99999', undefined, undefined],
    ['a b', undefined, undefined],
    ['user@host', undefined, undefined],
    ['::1', undefined, undefined],
    ['', undefined, undefined],
    [undefined, undefined, undefined],
  ]
  for (const [host, address, port] of cases) {
    test(String(host), () => {
      assert.equal(parseHost(host)?.address, address)
      assert.equal(parseHost(host)?.port, port)
    })
  }

  test('many names take no memory for good', () => {
    for (let i = 0; i < 10_000; i++) assert.equal(parseHost(`h${i}.example`)?.address, `h${i}.example`)
  })
})

describe('the request target', () => {
  const request = { method: 'GET', httpVersionMajor: 1, httpVersionMinor: 1, headers: {}, socket: {} }
  const read = (url: string) => {
    const { path, query } = readRequest(request as never, url)
    return [path, query]
  }
  const cases: [url: string, path: string, query: string | undefined][] = [
    ['/a/b', '/a/b', undefined],
    ['/a?b=1?c', '/a', 'b=1?c'],
    ['/?', '/', ''],
    ['*', '*', undefined],
    ['http://example.com/a?b', '/a', 'b'],
    ['http://example.com?b', '/', 'b'],
    ['http://example.com', '/', undefined],
    ['//double/slash', '//double/slash', undefined],
  ]
  for (const [url, path, query] of cases) test(url, () => assert.deepEqual(read(url), [path, query]))

  test('known methods can be replaced', () => {
    configureHttp({ knownMethods: ['GET', 'PURGE'] })
    const methodOf = (method: string) => readRequest({ ...request, method } as never, '/').method
    assert.deepEqual(['PURGE', 'POST', 'get'].map(methodOf), ['PURGE', '_OTHER', '_OTHER'])
    configureHttp({})
    assert.equal(methodOf('POST'), 'POST')
  })
})

describe('error.type', () => {
  class Refused extends Error {}
  const named = Object.assign(new Error('x'), { name: 'PaymentError' })
  const throwing = {
    get name(): string {
      throw new Error('no name')
    },
  }
  const cases: [what: string, error: unknown, type: string][] = [
    ['a plain error', new Error('x'), 'Error'],
    ['a TypeError', new TypeError('x'), 'TypeError'],
    ['a class', new Refused('x'), 'Refused'],
    ['a name of its own', named, 'PaymentError'],
    ['a system error', Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    ['an abort', new DOMException('x', 'AbortError'), 'AbortError'],
    ['a text', 'boom', '_OTHER'],
    ['nothing', undefined, '_OTHER'],
    ['a plain object', {}, '_OTHER'],
    ['a name that is data', Object.assign(new Error('x'), { name: 'user 17 <x>' }), '_OTHER'],
    ['a getter that throws', throwing, '_OTHER'],
  ]
  for (const [what, error, type] of cases) {
    test(what, () => assert.equal(errorType(error), type))
  }
})

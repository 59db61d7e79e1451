import assert from 'node:assert/strict'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { HttpClient } from '@hashira/delivery'
import fc from 'fast-check'
import { HttpResponseParser } from '../dist/http-response-parser.js'
import { tcpServer } from './support/backend'
import { askNode, cuttingRelay } from './support/raw-http'
import { kept } from './support/sockets'

const text = fc.string({ unit: fc.constantFrom(...'abcXYZ019 \t,;:="é\xff'), maxLength: 40 })
const answers = fc.record({
  status: fc.constantFrom(200, 202, 204, 304, 400, 404, 413, 429, 500, 503, 599),
  reason: fc.constantFrom(undefined, '', 'Because, said é'),
  framing: fc.constantFrom('length', 'chunked', 'until the end', 'none'),
  interim: fc.constantFrom(undefined, 'continue', 'processing', 'hints'),
  headers: fc.dictionary(
    fc.stringMatching(/^X-[A-Za-z0-9_.~-]{1,8}$/),
    fc.array(text, { minLength: 1, maxLength: 3 }),
    {
      maxKeys: 5,
    },
  ),
  parts: fc.array(fc.uint8Array({ minLength: 1, maxLength: 2_000 }), { maxLength: 5 }),
  hasTrailers: fc.boolean(),
})
type Answer = typeof answers extends fc.Arbitrary<infer T> ? T : never

function write(response: http.ServerResponse, answer: Answer): void {
  const { status, reason, framing, interim, headers, parts, hasTrailers } = answer
  if (interim === 'continue') response.writeContinue()
  if (interim === 'processing') response.writeProcessing()
  if (interim === 'hints') response.writeEarlyHints({ link: '</a>; rel=preload', 'x-early': 'x' })
  response.statusCode = status
  if (reason !== undefined) response.statusMessage = reason
  for (const [name, values] of Object.entries(headers)) response.setHeader(name, values)
  // Node's own client waits for ever where such an answer says that it is chunked.
  if (framing === 'none' || (framing !== 'length' && isBodiless(status))) return void response.end()
  if (framing === 'length')
    response.setHeader(
      'Content-Length',
      parts.reduce((sum, part) => sum + part.length, 0),
    )
  if (framing === 'until the end') response.removeHeader('Transfer-Encoding')
  if (framing === 'chunked') {
    response.setHeader('Transfer-Encoding', 'chunked')
    if (hasTrailers) response.setHeader('Trailer', 'X-Sum')
  }
  for (const part of parts) response.write(part)
  if (framing === 'chunked' && hasTrailers) response.addTrailers({ 'X-Sum': '1' })
  response.end()
}

describe('what node:http answers, in every framing, cut anywhere, is read as by its own client', () => {
  let answer: Answer
  let sizes: readonly number[] = [1]
  const server = http.createServer((request, response) => {
    request.resume().on('end', () => write(response, answer))
  })
  const client = new HttpClient()
  let port = 0
  let relayPort = 0

  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    port = (server.address() as AddressInfo).port
    relayPort = (await cuttingRelay(port, () => sizes)).port
  })
  after(() => {
    client.close()
    server.closeAllConnections()
    server.close()
  })

  async function ask(method: string) {
    const call = { method, url: `http://127.0.0.1:${relayPort}/`, timeoutMs: 60_000 }
    const { status, headers, body, truncated } = await kept(() => client.request(call))
    assert.equal(truncated, false)
    return { status, headers: comparable(headers), body: body.toString('base64') }
  }

  for (const method of ['POST', 'HEAD'])
    test(method, async () => {
      const cuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 100, max: 900 })), {
        minLength: 1,
      })
      await fc.assert(
        fc.asyncProperty(answers, cuts, async (given, pieces) => {
          answer = given
          sizes = pieces
          const expected = await askNode(port, method)
          assert.deepEqual(await ask(method), { ...expected, headers: comparable(expected.headers) })
        }),
        { numRuns: method === 'POST' ? 150 : 30 },
      )
    })
})

function isBodiless(status: number): boolean {
  return status === 204 || status === 304
}

/** Without what differs from one answer, or from one kind of connection, to the next. */
function comparable(headers: http.IncomingHttpHeaders): Record<string, unknown> {
  const { date, connection, 'keep-alive': keepAlive, ...rest } = headers
  return { ...rest }
}

const OK = 'HTTP/1.1 200 OK\r\n'
const MALFORMED: readonly [string, string][] = [
  ['another protocol', 'SSH-2.0-OpenSSH\r\n'],
  ['another protocol, without the end of a line', '220 smtp'],
  ['HTTP/2', '\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0d\0\x04\0'],
  ['a version that does not exist', 'HTTP/1 200 OK\r\n\r\n'],
  ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
  ['no status', 'HTTP/1.1 OK\r\n\r\n'],
  ['a header without a colon', `${OK}nothing\r\n\r\n`],
  ['a header without a name', `${OK}: value\r\n\r\n`],
  ['a name with a space', `${OK}content length: 5\r\n\r\nhello`],
  ['a space before the colon', `${OK}content-length : 5\r\n\r\nhello`],
  ['NUL in a value', `${OK}x-a: b\0c\r\n\r\n`],
  ['CR in a value', `${OK}x-a: b\rc\r\n\r\n`],
  ['a length that is no number', `${OK}content-length: five\r\n\r\nhello`],
  ['a negative length', `${OK}content-length: -5\r\n\r\nhello`],
  ['a length with a sign', `${OK}content-length: +5\r\n\r\nhello`],
  ['two lengths', `${OK}content-length: 5\r\ncontent-length: 6\r\n\r\nhello!`],
  ['a length beyond all numbers', `${OK}content-length: 99999999999999999999999\r\n\r\nhello`],
  ['a chunk without a size', `${OK}transfer-encoding: chunked\r\n\r\n\r\nhello`],
  ['a chunk with a size that is none', `${OK}transfer-encoding: chunked\r\n\r\nxyz\r\nhello`],
  ['a chunk with a negative size', `${OK}transfer-encoding: chunked\r\n\r\n-5\r\nhello`],
  ['a chunk size beyond all numbers', `${OK}transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\nhello`],
  ['a chunk that is longer than it says', `${OK}transfer-encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n`],
  ['a header of 70 KB', `${OK}x-a: ${'x'.repeat(70_000)}\r\n\r\n`],
  ['headers of 70 KB', `${OK}${'x-a: 1234567890\r\n'.repeat(4_200)}\r\n`],
]

describe('what is malformed', () => {
  for (const [name, bytes] of MALFORMED)
    test(name, async () => {
      for (const size of [1, 7, 100_000])
        assert.throws(() => parsed(bytes, size), /^Error: the answer is no HTTP/)
      assert.match(
        codeOf(() => parsed(bytes, 1)),
        /^HPE_/,
      )
      // Node's own client takes it for malformed as well.
      const server = await tcpServer((socket) => socket.once('data', () => socket.write(bytes, 'latin1')))
      await assert.rejects(askNode(server.port), { code: /^HPE_/ })
      server.stop()
    })

  test('another protocol that nobody has asked for', () => {
    assert.match(
      codeOf(() => parsed('HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n', 99)),
      /^HPE_/,
    )
  })

  test('whatever it is: an answer, an error with a code, or a wait for more, never anything else', () => {
    const word = fc.constantFrom(
      ...[
        'HTTP/1.1 ',
        'HTTP/1.0 ',
        '200',
        '100',
        '204',
        ' OK',
        '\r\n',
        '\r\n\r\n',
        '\n',
        ' ',
        ':',
        '\0',
        'a',
        '5',
        '0',
      ],
      ...['content-length: ', 'transfer-encoding: ', 'chunked', 'connection: ', 'close', ';x=y', '\xff'],
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), fc.integer({ min: 1, max: 50 }), (words, size) => {
        const whole = outcome(words.join(''), 1_000_000)
        assert.deepEqual(outcome(words.join(''), size), whole, 'however it is cut')
        assert.ok(
          typeof whole === 'object' || whole === undefined || /^(malformed|ECONNRESET)$/.test(whole),
          String(whole),
        )
      }),
      { numRuns: 3_000 },
    )
  })
})

describe('rules', () => {
  test('a line that begins with white space goes on with the one before', () => {
    assert.equal(parsed(`${OK}x-a: one\r\n \t two\r\nx-a: three\r\n\r\n`, 5).headers['x-a'], 'one two, three')
    assert.match(
      codeOf(() => parsed(`${OK} folded: from nothing\r\n\r\n`, 5)),
      /^HPE_/,
    )
  })

  test('white space around a value is not of it, bytes beyond ASCII are', () => {
    assert.equal(parsed(`${OK}x-a: \t \xa0 b \xa0\t \r\n\r\n`, 3).headers['x-a'], '\xa0 b \xa0')
  })

  test('names that objects have themselves', () => {
    const { headers } = parsed(`${OK}__proto__: a\r\nconstructor: b\r\nconstructor: c\r\n\r\n`, 9)
    assert.deepEqual(Object.entries(headers)[0], ['__proto__', 'a'])
    assert.equal(headers['constructor'], 'b, c')
  })

  test('a length may be said twice', () => {
    const answer = parsed(`${OK}content-length: 5\r\ncontent-length: 5\r\n\r\nhello`, 4)
    assert.equal(answer.body.toString(), 'hello')
  })

  test('extensions of chunks and trailers are passed over', () => {
    const bytes = `${OK}transfer-encoding: gzip, Chunked\r\n\r\n003;a="b;c"\r\nabc\r\nA \t;x\r\n0123456789\r\n0\r\nx-t: 1\r\ncontent-length: 7\r\n\r\n`
    for (const size of [1, 2, 3, 200]) assert.equal(parsed(bytes, size).body.toString(), 'abc0123456789')
  })

  test('a body is cut exactly at its limit; one that reaches it is whole', () => {
    for (const size of [1, 3, 100]) {
      const chunked = `${OK}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n`
      assert.deepEqual(cut(chunked, size, 5), ['abcde', true])
      assert.deepEqual(cut(chunked, size, 6), ['abcdef', false])
      assert.deepEqual(cut(`${OK}content-length: 6\r\n\r\nabcdef`, size, 4), ['abcd', true])
      assert.deepEqual(cut(`${OK}\r\nabcdef`, size, 0), ['', true])
    }
  })
})

function cut(bytes: string, size: number, maxBytes: number): [string, boolean] {
  const { body, truncated } = parsed(bytes, size, maxBytes)
  return [body.toString(), truncated]
}

function parsed(bytes: string, size: number, maxBytes = 1_000_000) {
  const parser = new HttpResponseParser(maxBytes)
  const buffer = Buffer.from(bytes, 'latin1')
  let isWhole = false
  for (let at = 0; at < buffer.length && !isWhole; at += size)
    isWhole = parser.push(buffer.subarray(at, at + size))
  if (!isWhole) parser.end()
  return parser.answer!
}

function outcome(bytes: string, size: number) {
  try {
    const { status, headers, body } = parsed(bytes, size)
    return { status, headers: { ...headers }, body: body.toString('latin1') }
  } catch (error) {
    const { code } = error as { code: string }
    return code.startsWith('HPE_') ? 'malformed' : code
  }
}

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return (error as { code: string }).code
  }
  return 'nothing was thrown'
}

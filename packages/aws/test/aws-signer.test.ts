import assert from 'node:assert/strict'
import { after, before, describe, it, mock } from 'node:test'
import { type AwsCredentials, awsAnswer, awsSigner } from '@hashira/aws'
import type { HttpRequest } from '@hashira/core'
import fc from 'fast-check'
import { verifySignature } from './support/sigv4'

const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
}
const request = (given: Partial<HttpRequest> = {}): HttpRequest => ({
  url: 'https://example.amazonaws.com/',
  method: 'POST',
  headers: {},
  body: new Uint8Array(0),
  ...given,
})

describe("the AWS documentation's signature examples", () => {
  before(() => mock.timers.enable({ apis: ['Date'], now: Date.UTC(2015, 7, 30, 12, 36) }))
  after(() => mock.timers.reset())

  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const cases: readonly [name: string, service: string, request: HttpRequest, signature: string][] = [
    [
      'get-vanilla',
      'service',
      request({ method: 'GET' }),
      '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    ],
    [
      'get-vanilla-query-order-key-case',
      'service',
      request({ method: 'GET', url: 'https://example.amazonaws.com/?Param2=value2&Param1=value1' }),
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    [
      'post-vanilla',
      'service',
      request(),
      '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    ],
    [
      'post-x-www-form-urlencoded',
      'service',
      request({ headers: form, body: Buffer.from('Param1=value1') }),
      'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    ],
    [
      'IAM ListUsers',
      'iam',
      request({
        method: 'GET',
        url: 'https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08',
        headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      }),
      '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
    ],
  ]
  for (const [name, service, example, signature] of cases) {
    it(name, async () => {
      const sign = awsSigner({ service, region: 'us-east-1', credentials })
      const headers = await sign(example)
      assert.equal(headers['x-amz-date'], '20150830T123600Z')
      assert.match(
        headers['authorization']!,
        new RegExp(`^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/${service}/aws4_request, `),
      )
      assert.equal(/Signature=(\w+)$/.exec(headers['authorization']!)?.[1], signature)
    })
  }
})

describe('awsSigner', () => {
  const sign = awsSigner({ service: 'xray', region: 'eu-west-1', credentials })
  const received = (sent: HttpRequest, headers: Readonly<Record<string, string>>) => {
    const url = new URL(sent.url)
    const own = Object.entries(sent.headers).map(([name, value]) => [name.toLowerCase(), value])
    return {
      method: sent.method,
      target: url.pathname + url.search,
      headers: { ...Object.fromEntries(own), ...headers, host: url.host },
      body: sent.body,
    }
  }

  it('signs any request so that an independent check accepts it', async () => {
    const word = fc
      .string({ unit: 'grapheme', maxLength: 12 })
      .filter((text) => Buffer.from(text).toString() === text)
    await fc.assert(
      fc.asyncProperty(
        fc.array(word.map(encodeURIComponent), { maxLength: 4 }),
        fc.array(fc.tuple(word, word), { maxLength: 4 }),
        fc.uint8Array({ maxLength: 2_000 }),
        fc.constantFrom('', ':4318'),
        async (segments, query, body, port) => {
          const url = new URL(`http://host.example${port}/${segments.join('/')}`)
          url.search = new URLSearchParams(query).toString()
          // A path with `.` or empty segments is normalised before it is signed; exporters' own paths have neither.
          fc.pre(!/\/\/|\/\.\.?(\/|$)/.test(url.pathname))
          const sent = request({
            url: url.href,
            headers: { 'Content-Type': 'a/b', 'x-amz-target': 'T' },
            body,
          })
          const headers = await sign(sent)
          assert.match(
            verifySignature(received(sent, headers), credentials.secretAccessKey),
            /^\d{8}\/eu-west-1\/xray\/aws4_request$/,
          )
        },
      ),
      { verbose: true },
    )
  })

  it('covers the body and its encoding', async () => {
    const sent = request({ headers: { 'content-encoding': 'gzip' }, body: Buffer.from('abc') })
    const got = received(sent, await sign(sent))
    verifySignature(got, credentials.secretAccessKey)
    assert.throws(() => verifySignature({ ...got, body: Buffer.from('abd') }, credentials.secretAccessKey))
    const other = { ...got, headers: { ...got.headers, 'content-encoding': 'br' } }
    assert.throws(() => verifySignature(other, credentials.secretAccessKey))
  })

  it('leaves headers out that a proxy may change, and returns only new ones', async () => {
    const headers = await sign(
      request({ headers: { 'user-agent': 'a', 'content-length': '0', accept: '*' } }),
    )
    assert.deepEqual(Object.keys(headers).sort(), ['authorization', 'x-amz-date'])
    assert.match(headers['authorization']!, /SignedHeaders=host;x-amz-date,/)
  })

  it('adds the token of a session', async () => {
    const temporary = { ...credentials, sessionToken: 'tok/en=' }
    const session = awsSigner({ service: 'xray', region: 'eu-west-1', credentials: temporary })
    const headers = await session(request())
    assert.equal(headers['x-amz-security-token'], 'tok/en=')
    assert.match(headers['authorization']!, /x-amz-security-token/)
  })

  it('asks a provider once per expiration, however many requests there are at once', async () => {
    const minute = 60_000
    let expiresInMs = 60 * minute
    const asked: unknown[] = []
    const provider = async (options?: unknown): Promise<AwsCredentials> => {
      asked.push(options)
      return { ...credentials, expiration: new Date(Date.now() + expiresInMs) }
    }
    const session = awsSigner({ service: 'xray', region: 'eu-west-1', credentials: provider })
    await Promise.all([session(request()), session(request()), session(request())])
    assert.equal(asked.length, 1)
    mock.timers.enable({ apis: ['Date'], now: Date.now() + 56 * minute })
    try {
      expiresInMs = 120 * minute
      await session(request())
      await session(request())
      assert.equal(asked.length, 2)
      awsAnswer(403, Buffer.from('{"__type":"ExpiredTokenException"}'))
      await session(request())
      assert.deepEqual(asked, [{ forceRefresh: false }, { forceRefresh: false }, { forceRefresh: true }])
    } finally {
      mock.timers.reset()
    }
  })

  it('rejects when there are no credentials, and asks again with the next request', async () => {
    let fails = true
    const provider = async () => {
      if (fails) throw new Error('no role')
      return credentials
    }
    const session = awsSigner({ service: 'xray', region: 'eu-west-1', credentials: provider })
    await assert.rejects(session(request()), /no role/)
    fails = false
    assert.ok((await session(request()))['authorization'])
  })

  it('finds credentials where the AWS SDK does', async () => {
    const saved = { ...process.env }
    process.env['AWS_ACCESS_KEY_ID'] = 'AKIDENV'
    process.env['AWS_SECRET_ACCESS_KEY'] = 'secret'
    try {
      const session = awsSigner({ service: 'logs', region: 'eu-west-1' })
      const sent = request()
      const headers = await session(sent)
      assert.match(headers['authorization']!, /Credential=AKIDENV\//)
      verifySignature(received(sent, headers), 'secret')
    } finally {
      process.env = saved
    }
  })

  it('takes no credentials that are none', () => {
    const wrong = { service: 'xray', region: 'eu-west-1', credentials: { accessKeyId: 'a' } as never }
    assert.throws(() => awsSigner(wrong), { code: 'HASHIRA_OPTION_INVALID' })
  })
})

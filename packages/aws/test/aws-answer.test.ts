import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { awsAnswer, awsEndpoint, awsErrorOf, awsRegionOption, awsSigner, requiredRegion } from '@hashira/aws'
import { resolveOptions } from '@hashira/core'

const json = (value: object) => Buffer.from(JSON.stringify(value))

describe('awsAnswer', () => {
  const cases: readonly [number, object, Record<string, string>, string][] = [
    [200, {}, {}, 'undefined'],
    [400, { __type: 'com.amazonaws.xray#ThrottledException', Message: 'slow' }, {}, 'retry http_400'],
    [400, { __type: 'ThrottlingException' }, {}, 'retry http_400'],
    [429, {}, {}, 'retry http_429'],
    [500, {}, {}, 'retry http_500'],
    [503, { message: 'x' }, {}, 'retry http_503'],
    [400, { message: 'bad' }, { 'x-amzn-errortype': 'InvalidRequestException:http://x' }, 'drop http_400'],
    [400, {}, { 'x-amzn-errortype': 'LimitExceededException' }, 'retry http_400'],
    [403, { __type: 'AccessDeniedException' }, {}, 'drop http_403'],
    [403, { __type: 'ExpiredTokenException' }, {}, 'retry credentials_expired'],
    [404, { __type: 'ResourceNotFoundException' }, {}, 'drop http_404'],
  ]
  for (const [status, body, headers, expected] of cases) {
    it(`${status} ${JSON.stringify(body)} ${JSON.stringify(headers)}: ${expected}`, () => {
      const result = awsAnswer(status, json(body), headers)
      const { outcome, reason } = (result ?? {}) as Record<string, unknown>
      assert.equal([outcome, reason].filter((part) => part !== undefined).join(' ') || 'undefined', expected)
    })
  }

  it('reads code and message of JSON and XML, and of nonsense nothing', () => {
    assert.deepEqual(awsErrorOf(json({ __type: 'a.b#Code:x', Message: 'text' })), {
      code: 'Code',
      message: 'text',
    })
    const xml = '<ErrorResponse><Error><Code>Throttling</Code><Message>Rate</Message></Error></ErrorResponse>'
    assert.deepEqual(awsErrorOf(Buffer.from(xml)), { code: 'Throttling', message: 'Rate' })
    for (const text of ['', 'null', '[1]', '"x"', '\u0000', '{'])
      assert.deepEqual(awsErrorOf(Buffer.from(text)), { code: '', message: '' })
  })

  it('shows no token that a service repeats', () => {
    const message =
      "The signature does not match.\n\nThe Canonical String for this request should have been\n'POST\nx-amz-security-token:geheim'"
    assert.equal(awsErrorOf(json({ message })).message, 'The signature does not match.')
    assert.equal(
      awsErrorOf(json({ message: 'a x-amz-security-token:geheim' })).message,
      'a x-amz-security-token:REDACTED',
    )
  })

  it('corrects the clock by an answer, once', async () => {
    const sign = awsSigner({
      service: 'xray',
      region: 'eu-west-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    })
    const signedMs = async () => {
      const headers = await sign({ url: 'http://a/', method: 'GET', headers: {}, body: new Uint8Array(0) })
      const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/
        .exec(headers['x-amz-date']!)!
        .map(Number)
      return Date.UTC(y!, mo! - 1, d!, h!, mi!, s!)
    }
    const refuse = (offsetMs: number) =>
      awsAnswer(403, json({ __type: 'InvalidSignatureException' }), {
        date: new Date(Date.now() + offsetMs).toUTCString(),
      })
    const hour = 3_600_000
    assert.equal(refuse(0)?.outcome, 'drop', 'a wrong key is not a wrong clock')
    assert.equal(refuse(hour)?.outcome, 'retry')
    assert.ok(Math.abs((await signedMs()) - Date.now() - hour) < 60_000)
    assert.equal(refuse(hour)?.outcome, 'drop', 'the clock is right now')
    assert.equal(refuse(0)?.outcome, 'retry')
    assert.ok(Math.abs((await signedMs()) - Date.now()) < 60_000)
  })
})

describe('region', () => {
  const resolve = (given: object | undefined, env: Record<string, string>) =>
    resolveOptions('xray()', { region: awsRegionOption() }, given, env).values.region

  it('comes from code, AWS_REGION, AWS_DEFAULT_REGION', () => {
    const env = { AWS_REGION: 'us-gov-west-1', AWS_DEFAULT_REGION: 'us-east-2' }
    assert.equal(resolve({ region: 'eu-west-1' }, env), 'eu-west-1')
    assert.equal(resolve({}, env), 'us-gov-west-1')
    assert.equal(resolve({}, { AWS_DEFAULT_REGION: 'us-east-2' }), 'us-east-2')
    assert.equal(resolve({}, {}), undefined)
    assert.throws(() => resolve({ region: 'evil.example/x' }, {}), { code: 'HASHIRA_OPTION_INVALID' })
    assert.throws(() => requiredRegion('xray()', undefined), {
      code: 'HASHIRA_OPTION_INVALID',
      message: /AWS_REGION/,
    })
  })

  it('gives the endpoint of its partition', () => {
    assert.equal(awsEndpoint('xray', 'eu-west-1'), 'https://xray.eu-west-1.amazonaws.com')
    assert.equal(awsEndpoint('logs', 'cn-north-1'), 'https://logs.cn-north-1.amazonaws.com.cn')
    assert.equal(awsEndpoint('logs', 'us-gov-west-1'), 'https://logs.us-gov-west-1.amazonaws.com')
    assert.equal(awsEndpoint('monitoring', 'us-iso-east-1'), 'https://monitoring.us-iso-east-1.c2s.ic.gov')
  })
})

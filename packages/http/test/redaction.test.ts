import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { configureHttp, QueryRedaction } from '@hashira/http'
import fc from 'fast-check'

describe('redacted queries', () => {
  const redaction = new QueryRedaction(['ssn'])
  const cases: [query: string, expected: string][] = [
    ['', ''],
    ['a=1&b=2', 'a=1&b=2'],
    ['token=abc', 'token=REDACTED'],
    ['a=1&TOKEN=abc&b=2', 'a=1&TOKEN=REDACTED&b=2'],
    [
      'access_token=x&accessToken=y&api-key=z&X-Api-Key=w',
      'access_token=REDACTED&accessToken=REDACTED&api-key=REDACTED&X-Api-Key=REDACTED',
    ],
    [
      'apikey=1&api_key=2&password=3&secret=4&code=5&session=6',
      'apikey=REDACTED&api_key=REDACTED&password=REDACTED&secret=REDACTED&code=REDACTED&session=REDACTED',
    ],
    ['tokenize=1&decode=2&obsession=3&codes=4', 'tokenize=1&decode=2&obsession=3&codes=4'],
    ['sig=1&Sig=2&Signature=3&signature=4', 'sig=REDACTED&Sig=2&Signature=REDACTED&signature=4'],
    [
      'X-Amz-Signature=1&X-Amz-Credential=2&X-Amz-Security-Token=3&AWSAccessKeyId=4&X-Goog-Signature=5',
      'X-Amz-Signature=REDACTED&X-Amz-Credential=REDACTED&X-Amz-Security-Token=REDACTED&AWSAccessKeyId=REDACTED&X-Goog-Signature=REDACTED',
    ],
    ['%74oken=1&tok%65n=2', '%74oken=REDACTED&tok%65n=REDACTED'],
    ['%74oken%zz=1&%zz.pass%77ord=2&%zz=3', '%74oken%zz=REDACTED&%zz.pass%77ord=REDACTED&%zz=3'],
    [
      'zip_code=1&zipcode=2&tokens=3&user[password]=4&a;token=5',
      'zip_code=REDACTED&zipcode=2&tokens=3&user[password]=REDACTED&a;token=REDACTED',
    ],
    ['SSN=1&ssn=2', 'SSN=REDACTED&ssn=REDACTED'],
    ['token', 'token'],
    ['token=', 'token='],
    ['token=a=b&x=%', 'token=REDACTED&x=%'],
    ['&&=x&token=1&', '&&=x&token=REDACTED&'],
  ]
  for (const [query, expected] of cases) {
    test(query === '' ? 'empty' : query, () => assert.equal(redaction.redact(query), expected))
  }

  test('the list of the process counts as well', () => {
    configureHttp({ redactQuery: ['Iban'] })
    assert.equal(new QueryRedaction().redact('iban=1'), 'iban=REDACTED')
    configureHttp({})
  })

  test('no value of a secret key is ever left, and other bytes stay', () => {
    const pair = fc.tuple(
      fc.constantFrom('token', 'a', 'API_KEY', 'x', 'sig'),
      fc.stringMatching(/^[A-Z0-9%=]{1,8}$/),
    )
    fc.assert(
      fc.property(fc.array(pair), (pairs) => {
        const secret = (key: string) => key !== 'a' && key !== 'x'
        const write = (redacted: boolean) =>
          pairs.map(([key, value]) => `${key}=${redacted && secret(key) ? 'REDACTED' : value}`).join('&')
        assert.equal(redaction.redact(write(false)), write(true))
      }),
      { verbose: true },
    )
  })

  test('of a stranger who sends nothing but & is read once', () => {
    const query = '&'.repeat(1_000_000)
    const startMs = performance.now()
    assert.equal(redaction.redact(query), query)
    // Read to its end for every & it takes ten seconds.
    assert.ok(performance.now() - startMs < 2_000)
  })
})

describe('redacted URLs', () => {
  const redaction = new QueryRedaction()
  const cases: [url: string, expected: string][] = [
    ['https://example.com/a', 'https://example.com/a'],
    ['https://me:pw@example.com/a?x=1#f', 'https://REDACTED:REDACTED@example.com/a?x=1#f'],
    ['https://me@example.com/', 'https://REDACTED@example.com/'],
    ['https://a:b@c@example.com/', 'https://REDACTED:REDACTED@example.com/'],
    ['https://example.com/@x:y?email=a@b', 'https://example.com/@x:y?email=a@b'],
    ['http://h/p?token=1&a=2#token=3', 'http://h/p?token=REDACTED&a=2#token=3'],
    ['/p?code=1', '/p?code=REDACTED'],
  ]
  for (const [url, expected] of cases) test(url, () => assert.equal(redaction.redactUrl(url), expected))
})

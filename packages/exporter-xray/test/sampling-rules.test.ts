import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AttributeList } from '@hashira/core'
import type { Attributes } from '@opentelemetry/api'
import fc from 'fast-check'
import { processFacts, requestFacts } from '../dist/sampler/request-facts'
import { ruleMatcher } from '../dist/sampler/rule-matcher'
import { readRule } from '../dist/sampler/sampling-rule'
import { wildcard } from '../dist/sampler/wildcard'
import { rule } from './fake-sampling'

describe('wildcards', () => {
  const cases: readonly [string, string | undefined, boolean][] = [
    ['*', undefined, true],
    ['*', '', true],
    ['a', undefined, false],
    ['/users/*', '/USERS/7', true],
    ['/users/?', '/users/7', true],
    ['/users/?', '/users/', false],
    ['/users/?', '/users/77', false],
    ['*.html', '/a.html', true],
    ['*a*b', 'xxaxxbxxb', true],
    ['*a*b', 'xxaxxbxx', false],
    ['', '', true],
    ['', 'a', false],
    ['a.c', 'abc', false],
    ['[a]', '[A]', true],
  ]
  for (const [pattern, text, expected] of cases)
    it(`${JSON.stringify(pattern)} ${JSON.stringify(text)}: ${expected}`, () =>
      assert.equal(wildcard(pattern)(text?.toLowerCase()), expected))

  it('as a regular expression would have it', () => {
    const letters = (units: string) => fc.string({ unit: fc.constantFrom(...units), maxLength: 10 })
    fc.assert(
      fc.property(letters('abAB*?.'), letters('abAB.'), (pattern, text) => {
        const source = pattern.replace(/\./g, '\\.').replace(/\*/g, '.*').replace(/\?/g, '.')
        assert.equal(wildcard(pattern)(text.toLowerCase()), new RegExp(`^${source}$`, 'is').test(text))
      }),
      { numRuns: 2_000 },
    )
  })

  it('takes no exponential time', () => {
    const fits = wildcard(`${'*a'.repeat(30)}*b`)
    const startMs = performance.now()
    assert.equal(fits('a'.repeat(10_000)), false)
    assert.ok(performance.now() - startMs < 5_000)
  })
})

describe('rules', () => {
  const resource = {
    attributes: new AttributeList([
      ...['service.name', 'Shop', 'cloud.platform', 'aws_ecs', 'aws.ecs.launchtype', 'fargate'],
      ...['aws.ecs.container.arn', 'arn:aws:ecs:eu-west-1:1:container/c'],
    ]),
  }
  const request: Attributes = {
    'http.request.method': 'POST',
    'url.path': '/orders/7',
    'server.address': 'shop.example',
    'server.port': 8080,
    tenant: 'acme',
    amount: 7,
  }
  const matches = (given: object, attributes: Attributes = request) =>
    ruleMatcher(readRule({ SamplingRule: rule('r', given) })!)(
      requestFacts(processFacts(resource), attributes),
    )

  const cases: readonly [object, boolean][] = [
    [{}, true],
    [{ HTTPMethod: 'post' }, true],
    [{ HTTPMethod: 'GET' }, false],
    [{ URLPath: '/orders/*' }, true],
    [{ URLPath: '/orders' }, false],
    [{ Host: 'shop.*' }, true],
    [{ Host: 'shop.example:8080' }, true],
    [{ Host: 'api.*' }, false],
    [{ ServiceName: 'shop' }, true],
    [{ ServiceName: 'shops' }, false],
    [{ ServiceType: 'AWS::ECS::Container' }, true],
    [{ ServiceType: 'AWS::EC2::Instance' }, false],
    [{ ResourceARN: 'arn:aws:ecs:*' }, true],
    [{ ResourceARN: 'arn:aws:lambda:*' }, false],
    [{ Attributes: { tenant: 'AC??', amount: '7' } }, true],
    [{ Attributes: { tenant: 'other' } }, false],
    [{ Attributes: { missing: '*' } }, false],
    [{ HTTPMethod: 'POST', URLPath: '/nothing' }, false],
  ]
  for (const [given, expected] of cases)
    it(`${JSON.stringify(given)}: ${expected}`, () => assert.equal(matches(given), expected))

  it('what a span does not say fits only *', () => {
    assert.equal(matches({}, {}), true)
    assert.equal(matches({ URLPath: '/?' }, {}), false)
    assert.equal(matches({ Host: '?*' }, {}), false)
  })

  it('the path of a whole URL, without its query', () => {
    assert.equal(matches({ URLPath: '/a' }, { 'url.full': 'https://h:1/a?b' }), true)
    assert.equal(matches({ URLPath: '/' }, { 'url.full': 'https://h' }), true)
    assert.equal(matches({ URLPath: '/a' }, { 'http.target': '/a?b=1' }), true)
  })

  it('Default takes all', () => {
    const matcher = ruleMatcher(readRule({ SamplingRule: rule('Default', { Host: 'x', URLPath: '/y' }) })!)
    assert.equal(matcher(requestFacts(processFacts(resource), {})), true)
  })
})

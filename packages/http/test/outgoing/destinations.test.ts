import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Destinations } from '../../dist/outgoing/destinations'

const inside = [
  'localhost',
  'api',
  'LOCALHOST',
  'app.localhost',
  '127.0.0.1',
  '127.255.0.1',
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '::1',
  '[::1]',
  'fc00::1',
  'fd12:3456::1',
  'FD00::A',
  'fd00::1%eth0',
  '::ffff:10.0.0.1',
  '::ffff:a00:1',
  'printer.local',
  'db.internal',
  'payments.svc',
  'payments.default.svc.cluster.local',
  'nas.lan',
  'db.internal.',
]
const outside = [
  '',
  'example.com',
  '8.8.8.8',
  '172.15.0.1',
  '172.32.0.1',
  '11.0.0.1',
  '192.169.0.1',
  '169.254.169.254',
  '100.64.0.1',
  '2001:4860:4860::8888',
  'fe80::1',
  '::ffff:8.8.8.8',
  '::ffff:808:808',
  'internal.example.com',
  'evil-local.com',
  '10.0.0.1.example.com',
  '0.0.0.0',
]

describe('the inside is', () => {
  const destinations = new Destinations()
  for (const host of inside) it(`${host}`, () => assert.equal(destinations.has(host), true))
})

describe('the outside is', () => {
  const destinations = new Destinations()
  for (const host of outside) it(`${host || 'no host'}`, () => assert.equal(destinations.has(host), false))
})

describe('a list of hosts', () => {
  const destinations = new Destinations([
    'api.example.com',
    '*.partner.io',
    '.corp.net',
    '8.8.4.4',
    'UPPER.com',
  ])
  it('names hosts and suffixes', () => {
    for (const host of [
      'api.example.com',
      'API.example.com.',
      'a.partner.io',
      'a.b.partner.io',
      'x.corp.net',
      '8.8.4.4',
      'upper.com',
    ])
      assert.equal(destinations.has(host), true, host)
    for (const host of [
      'example.com',
      'x.api.example.com',
      'partner.io',
      'evilpartner.io',
      'corp.net',
      '8.8.8.8',
    ])
      assert.equal(destinations.has(host), false, host)
  })

  it('names everybody', () => {
    const everywhere = new Destinations(['api.example.com', ' * '])
    for (const host of [...inside, ...outside]) assert.equal(everywhere.has(host), true, host)
  })

  it('that is empty is the inside', () => {
    const none = new Destinations([])
    assert.equal(none.has('localhost'), true)
    assert.equal(none.has('example.com'), false)
  })
})

import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { ipBytes } from '../dist/ip-bytes.js'

it('reads addresses', () => {
  assert.deepEqual(ipBytes('10.0.0.255'), [10, 0, 0, 255])
  assert.deepEqual(ipBytes('::'), new Array(16).fill(0))
  assert.deepEqual(ipBytes('::ffff:1.2.3.4').slice(10), [255, 255, 1, 2, 3, 4])
  assert.deepEqual(ipBytes('fe80::1%eth0'), [0xfe, 0x80, ...new Array(13).fill(0), 1])
  assert.deepEqual(ipBytes('shop'), [])
})

it('reads any IPv6 address as URL does', (t) => {
  const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 2 ** 31)
  t.diagnostic(`seed ${seed}`)
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const groups = Buffer.from(ipBytes(address)).toString('hex').match(/.{4}/g) ?? []
      assert.equal(groups.length, 8)
      assert.equal(new URL(`http://[${groups.join(':')}]`).hostname, new URL(`http://[${address}]`).hostname)
    }),
    { seed },
  )
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Demo } from '../support/demo.ts'

describe('npm run demo -- --once', () => {
  it('prints what the three pillars saw, and ends', { timeout: 120_000 }, async () => {
    const demo = new Demo(['--once', '--requests', '120'], { JAEGER_OTLP_ENDPOINT: 'http://127.0.0.1:1' })
    const code = await demo.ended()
    const { stdout, stderr } = demo
    assert.equal(code, 0, `${stdout}\n${stderr}`)

    const traceId = /One slow trace.*\(([0-9a-f]{32})\)/.exec(stdout)?.[1]
    assert.ok(traceId, stdout)
    const [, tree, red, lines] = stdout.split(
      /^(?:One slow trace|Rate, errors|The log lines|Look further).*$/m,
    )
    for (const name of [
      'POST /checkout/:cart',
      'POST /payments',
      'charge card',
      'wait for the bank',
      'INSERT',
    ]) {
      assert.ok(tree!.includes(name), `${name} is not in the tree:\n${tree}`)
    }
    assert.match(red!, /storefront +POST \/checkout\/:cart +[\d.]+ +[1-9][\d.]* % +[\d.]+ m?s/)
    assert.match(red!, /payments +POST \/payments /)
    assert.match(lines!, /storefront .*checkout/)
    assert.match(lines!, /payments .*charged/)
  })
})
